/* See input.h. Files and the nesting of texts; characters of a line are read in characters.c. */
#include "as/input.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "as/macros.h"
#include "as/report.h"
#include "common/files.h"

#define MAX_FILE_BYTES (UINT32_C(64) << 20)

/* --- Comments -----------------------------------------------------------------------------------
 */

/* The end of a text in quotes or a character constant that begins at at. */
static const char *skip_quoted(const char *at, const char *end)
{
    char quote = *at;

    if (quote == '\'') {
        /* 'x' and '\x...': a lone apostrophe hides nothing. */
        if (end - at >= 3 && at[1] != '\\' && at[2] == '\'')
            return at + 3;
        if (end - at < 4 || at[1] != '\\')
            return at + 1;
    }
    for (at++; at < end && *at != '\n'; at++) {
        if (*at == quote)
            return at + 1;
        if (*at == '\\' && at + 1 < end && at[1] != '\n')
            at++;
    }
    return at;
}

static char *blank(char *at, const char *end)
{
    for (; at < end; at++)
        if (*at != '\n')
            *at = ' ';
    return at;
}

/* Replaces comments and control characters by blanks, so that all else stays where it is. */
static void strip_comments(char *text, size_t length)
{
    char *at = text, *end = text + length;

    while (at < end) {
        if (*at == '"' || *at == '\'') {
            at = text + (skip_quoted(at, end) - text);
        } else if (*at == '#' || *at == ';' || (*at == '/' && at + 1 < end && at[1] == '/')) {
            char *stop = memchr(at, '\n', (size_t)(end - at));

            at = blank(at, stop ? stop : end);
        } else if (*at == '/' && at + 1 < end && at[1] == '*') {
            char *stop = memmem(at + 2, (size_t)(end - at - 2), "*/", 2);

            at = blank(at, stop ? stop + 2 : end);
        } else {
            if ((*at >= 0 && *at < ' ' && *at != '\n') || *at == 0x7f)
                *at = ' ';
            at++;
        }
    }
}

/* --- Files --------------------------------------------------------------------------------------
 */

const struct loaded *load_text(struct assembly *as, const char *path, const char *text,
                               size_t length)
{
    struct loaded *file = arena_alloc(&as->arena, sizeof *file);

    file->path = arena_text(&as->arena, path, strlen(path));
    file->original = arena_text(&as->arena, text, length);
    file->text = arena_text(&as->arena, text, length);
    file->length = length;
    strip_comments(file->text, length);
    names_set(&as->files, slice_of(file->path), file);
    return file;
}

const struct loaded *load_file(struct assembly *as, const char *path, const char *at)
{
    struct loaded *file = names_find(&as->files, slice_of(path));
    struct file_bytes bytes;
    struct stat status;

    if (file)
        return file;
    if (strcmp(path, "-") == 0) {
        status = (struct stat){0};
    } else if (stat(path, &status) != 0) {
        error_here(as, at, "%s cannot be opened: %s", path, strerror(errno));
        return NULL;
    }
    if (S_ISCHR(status.st_mode) || S_ISBLK(status.st_mode)) {
        error_here(as, at, "%s is a device, expected a file", path);
        return NULL;
    }
    if (!file_read("source", path, MAX_FILE_BYTES, &bytes)) {
        error_here(as, at, "%s cannot be read", path);
        return NULL;
    }
    const struct loaded *loaded = load_text(as, path, (const char *)bytes.bytes, bytes.size);
    free(bytes.bytes);
    return loaded;
}

static bool is_file(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0 && !S_ISDIR(status.st_mode);
}

const char *find_file(struct assembly *as, struct slice name)
{
    const char *plain = arena_text(&as->arena, name.at, name.length);
    const char *from = as->spot.origin ? as->spot.origin->path : "";
    const char *slash = strrchr(from, '/');
    const char *path;

    if (plain[0] == '/' || !slash)
        path = plain;
    else
        path = arena_format(&as->arena, "%.*s/%s", (int)(slash - from), from, plain);
    if (plain[0] == '/' || is_file(path))
        return path;
    for (size_t i = 0; i < as->options->include_count; i++) {
        path = arena_format(&as->arena, "%s/%s", as->options->include_folders[i], plain);
        if (is_file(path))
            return path;
    }
    return plain;
}

/* --- Nesting ------------------------------------------------------------------------------------
 */

static struct input *push(struct assembly *as, struct origin *origin, const char *start,
                          const char *end)
{
    struct input *input;

    if (as->depth >= AS_MAX_DEPTH) {
        error_here(as, as->statement,
                   "files, macros and repetitions within each other more than %d deep; does one "
                   "use itself without end?",
                   AS_MAX_DEPTH);
        as->is_stopped = true;
        return NULL;
    }
    input = calloc(1, sizeof *input);
    if (!input) {
        fprintf(stderr, "tg-as: no memory left\n");
        exit(EXIT_FAILURE);
    }
    *input = (struct input){.origin = origin,
                            .start_origin = origin,
                            .start = start,
                            .next = start,
                            .end = end,
                            .conditions = as->condition_count,
                            .outer = as->input};
    as->input = input;
    as->depth++;
    return input;
}

static struct origin *new_origin(struct assembly *as, const char *path, const char *original,
                                 const char *text, size_t length)
{
    struct origin *origin = arena_alloc(&as->arena, sizeof *origin);

    *origin =
        (struct origin){.path = path, .original = original, .text = text, .end = text + length};
    if (as->spot.origin) {
        struct spot *from = arena_alloc(&as->arena, sizeof *from);

        *from = as->spot;
        from->column = 0;
        origin->called_from = from;
    }
    return origin;
}

bool push_file(struct assembly *as, const struct loaded *file)
{
    struct origin *origin = new_origin(as, file->path, file->original, file->text, file->length);

    return push(as, origin, origin->text, origin->end) != NULL;
}

bool push_macro(struct assembly *as, const struct macro *macro, const char *text, size_t length)
{
    struct origin *origin = new_origin(as, macro->spot.origin->path, text, text, length);
    struct input *input;

    origin->macro = macro;
    input = push(as, origin, origin->text, origin->end);
    if (!input)
        return false;
    /* Lines are numbered as in the file that defines it. */
    input->number = input->start_number = macro->body_number - 1;
    return true;
}

bool push_repeat(struct assembly *as, const char *start, const char *end, uint32_t number,
                 uint64_t times)
{
    struct input *input;

    if (times == 0 || start == end)
        return true;
    input = push(as, as->input->origin, start, end);
    if (!input)
        return false;
    input->start_number = input->number = number - 1;
    input->repeats = times - 1;
    return true;
}

/* Back to what the innermost text is in. */
static void pop(struct assembly *as)
{
    struct input *input = as->input;

    if (as->condition_count > input->conditions) {
        error_at(as, &as->conditions[as->condition_count - 1].spot,
                 "this condition has no .endif before its %s ends",
                 input->origin->macro ? "macro" : "file");
        as->condition_count = input->conditions;
    }
    as->input = input->outer;
    as->depth--;
    free(input);
}

/* --- Line markers -------------------------------------------------------------------------------
 */

/* The text in quotes at at, of which it is known that it is closed. */
static const char *quoted_path(struct assembly *as, const char *at, const char *close)
{
    char *path = arena_alloc(&as->arena, (size_t)(close - at) + 1), *to = path;

    for (; at < close; at++) {
        if (*at == '\\' && at + 1 < close)
            at++;
        *to++ = *at;
    }
    return path;
}

/* From the present line on, lines are of another file: one that it includes ('1'), the one that
 * includes it ('2'), or neither. */
static void change_origin(struct assembly *as, struct input *input, const char *path, char way)
{
    const struct origin *before = input->origin;
    struct origin *origin = arena_alloc(&as->arena, sizeof *origin);

    *origin = *before;
    origin->path = path;
    if (way == '1') {
        struct spot *from = arena_alloc(&as->arena, sizeof *from);

        *from = as->spot;
        origin->called_from = from;
    } else if (way == '2' && before->called_from) {
        origin->called_from = before->called_from->origin->called_from;
    }
    input->origin = origin;
    if (as->lines_read == 1)
        as->path = path;
}

/* A preprocessor says by lines like  # 12 "main.S" 2  what the next line is called: from there on
 * lines are of that file, and have these numbers. All else that begins with # is a comment. */
static void obey_marker(struct assembly *as, struct input *input)
{
    const struct origin *origin = input->origin;
    const char *at = origin->original + (as->spot.line - origin->text);
    const char *end = at + (as->end - as->spot.line), *close, *path;
    uint32_t number = 0;
    char way;

    if (origin->macro || end - at < 2 || at[0] != '#' || at[1] != ' ')
        return;
    for (at += 2; at < end && *at >= '0' && *at <= '9' && number < 100000000; at++)
        number = number * 10 + (uint32_t)(*at - '0');
    if (number == 0 || end - at < 3 || at[0] != ' ' || at[1] != '"')
        return;
    close = skip_quoted(at + 1, end);
    if (close == at + 2 || close[-1] != '"')
        return;
    path = quoted_path(as, at + 2, close - 1);
    way = end - close >= 2 ? close[1] : ' ';
    if (way != ' ' || strcmp(path, origin->path) != 0)
        change_origin(as, input, path, way);
    input->number = number - 1;
}

bool next_line(struct assembly *as)
{
    struct input *input;
    const char *end;

    while ((input = as->input) != NULL && input->next == input->end) {
        if (input->repeats > 0 && !as->is_stopped) {
            input->repeats--;
            input->next = input->start;
            input->number = input->start_number;
            input->origin = input->start_origin;
        } else {
            pop(as);
        }
    }
    if (!input)
        return false;
    if (++as->lines_read > as->line_limit) {
        error_at(as, &as->spot, "more than %llu lines in all; is a repetition without end?",
                 (unsigned long long)as->line_limit);
        as->is_stopped = true;
    }
    if (input->period && input->number - input->start_number == input->period)
        input->number = input->start_number;
    end = memchr(input->next, '\n', (size_t)(input->end - input->next));
    as->spot = (struct spot){input->origin, input->next, ++input->number, 0};
    as->at = as->statement = input->next;
    as->end = end ? end : input->end;
    input->next = end ? end + 1 : input->end;
    obey_marker(as, input);
    return true;
}

/* --- Bodies -------------------------------------------------------------------------------------
 */

/* The first word of the line being read, after labels. */
static struct slice first_word(struct assembly *as)
{
    struct slice word;

    do {
        skip_blanks(as);
        word.at = as->at;
        while (as->at < as->end && is_name_part(*as->at))
            as->at++;
        word.length = (size_t)(as->at - word.at);
    } while (word.length && accept(as, ':'));
    return word;
}

static bool is_one_of(struct slice word, const char *const *names)
{
    for (; *names; names++)
        if (slice_is(word, *names))
            return true;
    return false;
}

bool take_lines(struct assembly *as, const char *const *opens, const char *close,
                struct slice *ret_lines, uint32_t *ret_number)
{
    const struct input *input = as->input;
    struct spot opened = as->spot;
    const char *start = input->next;
    unsigned depth = 1;

    *ret_number = input->number + 1;
    while (input->next < input->end) {
        const char *line = input->next;
        struct slice word;

        next_line(as);
        word = first_word(as);
        if (is_one_of(word, opens))
            depth++;
        else if (slice_is(word, close) && --depth == 0) {
            *ret_lines = (struct slice){start, (size_t)(line - start)};
            return expect_end(as);
        }
    }
    return error_at(as, &opened, "no %s follows", close);
}
