/* See points.h. The words of points, places and conditions; the commands that make and change points. */
#include "points.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "conditions.h"
#include "debugger.h"
#include "edit.h"
#include "isa/isa.h"

/* --- What is kept of a point ---------------------------------------------------------------------------------------------------- */

static struct point_words *words_of(struct debugger *d, uint32_t number)
{
    for (struct point_words *one = d->point_words; one != NULL; one = one->next)
        if (one->number == number)
            return one;
    return NULL;
}

const char *points_text(struct debugger *d, uint32_t number)
{
    const struct point_words *words = words_of(d, number);
    return words != NULL ? words->text : "";
}

static void words_free(struct point_words *words)
{
    free(words->text);
    free(words->condition);
    free(words->commands);
    free(words->program);
    free(words);
}

static void words_remove(struct debugger *d, uint32_t number)
{
    for (struct point_words **place = &d->point_words; *place != NULL; place = &(*place)->next)
        if ((*place)->number == number) {
            struct point_words *words = *place;
            *place = words->next;
            words_free(words);
            return;
        }
}

void points_forget_all(struct debugger *d)
{
    while (d->point_words != NULL)
        words_remove(d, d->point_words->number);
    free(d->pending_commands);
    d->pending_commands = NULL;
}

/* Forgets the words of points that are gone: temporary ones that have stopped the machine. */
static void words_sweep(struct debugger *d)
{
    for (struct point_words *one = d->point_words, *next; one != NULL; one = next) {
        next = one->next;
        if (tg_debug_point(d->core, one->number) == NULL)
            words_remove(d, one->number);
    }
}

/* --- Places -------------------------------------------------------------------------------------------------------------------------- */

/* The name of the process that a program's file is of; "": the image. */
static const char *process_of(struct debugger *d, const struct tg_program *program)
{
    for (size_t i = 0; i < d->programs.count; i++)
        if (d->programs.files[i].program == program)
            return d->programs.files[i].name;
    return "";
}

static bool take_locations(struct debugger *d, struct tg_program *program, const char *word, struct points_place *place,
                           struct tg_error *error)
{
    struct tg_location locations[TG_DEBUG_MOST_ADDRESSES];
    if (program == NULL)
        return false;
    size_t count = tg_program_locate(program, word, view_frame(d)->pc, locations, TG_DEBUG_MOST_ADDRESSES, error);
    place->count = (uint32_t)(count < TG_DEBUG_MOST_ADDRESSES ? count : TG_DEBUG_MOST_ADDRESSES);
    for (uint32_t i = 0; i < place->count; i++)
        place->addresses[i] = locations[i].address;
    snprintf(place->program, sizeof place->program, "%s", process_of(d, program));
    return place->count > 0;
}

/* PROGRAM!PLACE, of a program that need not run yet. */
static bool locate_in_program(struct debugger *d, const char *command, char *word, char *mark, struct points_place *place)
{
    struct tg_error error = {""};
    *mark = '\0';
    struct tg_program *program = programs_find(d, word, false);
    if (program == NULL)
        program = programs_find(d, word, true);
    if (program == NULL)
        return complain(d, "%s: no file with symbols of a program \"%s\" was found; \"symbols FOLDER/\" says where to look",
                        command, word);
    return take_locations(d, program, mark + 1, place, &error) || complain(d, "%s: %s", command, error.text);
}

/* In the program that is looked at, then in the image, then in the others. */
static bool locate(struct debugger *d, const char *command, const char *word, struct points_place *place)
{
    struct tg_error error = {""}, other;
    struct tg_program *here = view_scope(d)->program;
    if (take_locations(d, here != NULL ? here : d->programs.kernel, word, place, &error))
        return true;
    for (size_t i = 0; i < d->programs.opened_count; i++)
        if (take_locations(d, d->programs.opened[i], word, place, &other))
            return true;
    return complain(d, "%s: %s", command, error.text[0] != '\0' ? error.text
                                                                : "no program with names is known; use *ADDRESS");
}

bool points_read_place(struct debugger *d, const char *command, const char **text, struct points_place *place)
{
    char word[ARGS_WORD_BYTES];
    struct tg_value value;
    *place = (struct points_place){.count = 1};
    if (**text == '*') {
        ++*text;
        return view_evaluate_part(d, command, text, &value) && view_number(d, command, &value, &place->addresses[0]);
    }
    size_t length = strcspn(*text, " \t");
    if (length == 0) {
        place->addresses[0] = view_frame(d)->pc;
        return true;
    }
    if (length >= sizeof word)
        return complain(d, "%s: this place is too long: %.40s...", command, *text);
    memcpy(word, *text, length);
    word[length] = '\0';
    *text += length;
    *text += strspn(*text, " \t");
    char *mark = strchr(word, '!');
    return mark != NULL ? locate_in_program(d, command, word, mark, place) : locate(d, command, word, place);
}

/* --- Making points --------------------------------------------------------------------------------------------------------------------- */

void points_new(struct tg_debug_point *point, enum tg_debug_point_kind kind)
{
    *point = (struct tg_debug_point){.kind = kind, .is_enabled = true};
    tg_debug_filter_init(&point->filter);
}

bool points_add(struct debugger *d, const char *command, struct tg_debug_point *point, const struct points_limits *limits,
                const char *text)
{
    struct tg_error error = {""};
    struct point_words *words = calloc(1, sizeof *words);
    point->filter.cpu = limits->cpu;
    point->filter.ring = limits->ring;
    if (words == NULL || (words->text = strdup(text)) == NULL) {
        free(words);
        return complain(d, "%s: not enough memory", command);
    }
    if (!conditions_make(d, command, limits, &point->condition)) {
        words_free(words);
        return false;
    }
    if (tg_debug_point_add(d->core, point, &words->number, &error) != TG_OK) {
        words_free(words);
        return complain(d, "%s: %s", command, error.text[0] != '\0' ? error.text : "not enough memory");
    }
    words->condition = limits->condition != NULL ? strdup(limits->condition) : NULL;
    words->program = limits->process[0] != '\0' ? strdup(limits->process) : NULL;
    words->next = d->point_words;
    d->point_words = words;
    d->last_point = words->number;
    const struct tg_value value = tg_value_of(tg_type_of(TG_PLAIN_UNSIGNED), words->number);
    values_name(d, "bpnum", &value); /* as gdb has it */
    return true;
}

static bool make_break(struct debugger *d, struct args *args, bool is_temporary, bool is_log_only)
{
    struct tg_debug_point point;
    struct points_place place;
    struct points_limits limits;
    const char *text = args->at;
    char where[VIEW_ADDRESS_BYTES], *given;
    points_new(&point, TG_DEBUG_POINT_BREAK);
    if (!args_no_format(d, args) || !points_read_place(d, args->name, &text, &place))
        return false;
    given = strndup(args->at, (size_t)(text - args->at) - (text > args->at && text[-1] == ' '));
    if (given == NULL || !conditions_read(d, args->name, text, &limits)) {
        free(given);
        return false;
    }
    if (limits.process[0] == '\0')
        snprintf(limits.process, sizeof limits.process, "%s", place.program);
    memcpy(point.addresses, place.addresses, sizeof point.addresses);
    point.address_count = place.count;
    point.is_temporary = is_temporary;
    point.is_log_only = is_log_only;
    bool is_made = points_add(d, args->name, &point, &limits, given[0] != '\0' ? given : "here");
    free(given);
    if (is_made)
        say(d, "%s %" PRIu32 " at %s%s\n",
            is_log_only    ? "log point"
            : is_temporary ? "temporary breakpoint"
                           : "breakpoint",
            d->last_point, view_address_text(d, place.addresses[0], where), place.count > 1 ? ", and more places" : "");
    return is_made;
}

bool points_break(struct debugger *d, struct args *args)
{
    return make_break(d, args, false, false);
}

bool points_tbreak(struct debugger *d, struct args *args)
{
    return make_break(d, args, true, false);
}

bool points_log(struct debugger *d, struct args *args)
{
    return make_break(d, args, false, true);
}

/* --- Changing them ------------------------------------------------------------------------------------------------------------------------ */

static bool no_such_point(struct debugger *d, const struct args *args, const char *word)
{
    return complain(d, "%s: there is no point %s; \"info break\" lists them", args->name, word);
}

/* The number of a point that exists. False after complaining. */
static bool read_point(struct debugger *d, struct args *args, uint32_t *ret_number)
{
    char word[ARGS_WORD_BYTES];
    uint64_t number;
    if (!args_word(d, args, word))
        return complain(d, "%s: expected the number of a point", args->name);
    if (strcmp(word, "$bpnum") == 0)
        snprintf(word, sizeof word, "%" PRIu32, d->last_point);
    if (!args_read_number(word, &number) || number > UINT32_MAX || tg_debug_point(d->core, (uint32_t)number) == NULL)
        return no_such_point(d, args, word);
    *ret_number = (uint32_t)number;
    return true;
}

bool points_delete(struct debugger *d, struct args *args)
{
    const struct tg_debug_point *point;
    uint32_t number;
    if (args_is_empty(args)) {
        if (tg_debug_point_after(d->core, 0) != NULL && source_is_person(d->source) && d->is_terminal &&
            !edit_confirm(d, "Delete all points? (y or n) "))
            return true;
        while ((point = tg_debug_point_after(d->core, 0)) != NULL)
            tg_debug_point_remove(d->core, point->number);
    }
    while (!args_is_empty(args)) {
        if (!read_point(d, args, &number))
            return false;
        tg_debug_point_remove(d->core, number);
    }
    words_sweep(d);
    return true;
}

static bool enable(struct debugger *d, struct args *args, bool is_enabled)
{
    uint32_t number = 0;
    const struct tg_debug_point *point;
    if (args_is_empty(args))
        while ((point = tg_debug_point_after(d->core, number)) != NULL) {
            number = point->number;
            tg_debug_point_enable(d->core, number, is_enabled);
        }
    while (!args_is_empty(args)) {
        if (!read_point(d, args, &number))
            return false;
        tg_debug_point_enable(d->core, number, is_enabled);
    }
    return true;
}

bool points_enable(struct debugger *d, struct args *args)
{
    return enable(d, args, true);
}

bool points_disable(struct debugger *d, struct args *args)
{
    return enable(d, args, false);
}

bool points_ignore(struct debugger *d, struct args *args)
{
    uint32_t number;
    char word[ARGS_WORD_BYTES];
    uint64_t count;
    if (!read_point(d, args, &number))
        return false;
    if (!args_word(d, args, word) || !args_read_number(word, &count))
        return complain(d, "%s: expected how many hits of point %" PRIu32 " not to stop at", args->name, number);
    if (!args_end(d, args))
        return false;
    tg_debug_point_ignore(d->core, number, count);
    say(d, "the next %" PRIu64 " hits of point %" PRIu32 " will not stop the machine\n", count, number);
    return true;
}

bool points_condition(struct debugger *d, struct args *args)
{
    uint32_t number;
    struct points_limits limits;
    struct tg_debug_condition condition;
    if (!read_point(d, args, &number))
        return false;
    struct point_words *words = words_of(d, number);
    conditions_init(&limits);
    limits.condition = args_is_empty(args) ? NULL : args->at;
    if (words != NULL && words->program != NULL)
        snprintf(limits.process, sizeof limits.process, "%s", words->program);
    if (!conditions_make(d, args->name, &limits, &condition))
        return false;
    tg_debug_point_set_condition(d->core, number, &condition);
    if (words != NULL) {
        free(words->condition);
        words->condition = limits.condition != NULL ? strdup(limits.condition) : NULL;
    }
    return true;
}

/* --- Commands of points ------------------------------------------------------------------------------------------------------------------- */

bool points_commands(struct debugger *d, struct args *args)
{
    uint32_t number = d->last_point;
    char *text;
    if (!args_is_empty(args) && !read_point(d, args, &number))
        return false;
    struct point_words *words = words_of(d, number);
    if (words == NULL)
        return complain(d, "%s: there is no point yet", args->name);
    if (!args_end(d, args) || !source_block(d, args->name, &text))
        return false;
    words = words_of(d, number);
    if (words == NULL) {
        free(text);
        return false;
    }
    free(words->commands);
    words->commands = text;
    return true;
}

void points_note_commands(struct debugger *d, uint32_t number)
{
    const struct point_words *words = words_of(d, number);
    const char *before = d->pending_commands != NULL ? d->pending_commands : "";
    if (words != NULL && words->commands != NULL) {
        size_t size = strlen(before) + strlen(words->commands) + 1;
        char *both = malloc(size);
        if (both != NULL) {
            snprintf(both, size, "%s%s", before, words->commands);
            free(d->pending_commands);
            d->pending_commands = both;
            d->pending_point = number;
        }
    }
    words_sweep(d);
}

bool points_run_commands(struct debugger *d)
{
    bool is_fine = true;
    if (d->is_running_commands)
        return true;
    d->is_running_commands = true;
    while (is_fine && d->pending_commands != NULL) {
        char *text = d->pending_commands;
        char name[32];
        snprintf(name, sizeof name, "commands %" PRIu32, d->pending_point);
        d->pending_commands = NULL;
        is_fine = source_run(d, name, text, source_is_restricted(d->source));
        free(text);
    }
    d->is_running_commands = false;
    return is_fine;
}

/* --- Showing them -------------------------------------------------------------------------------------------------------------------------- */

static const char *kind_text(const struct tg_debug_point *point)
{
    static const char *const kinds[] = {[TG_DEBUG_POINT_BREAK] = "breakpoint",
                                        [TG_DEBUG_POINT_WATCH] = "watchpoint",
                                        [TG_DEBUG_POINT_PORT] = "port watch",
                                        [TG_DEBUG_POINT_CREG] = "creg watch",
                                        [TG_DEBUG_POINT_CATCH] = "catchpoint"};
    return point->is_log_only ? "log point" : point->is_temporary ? "temporary" : kinds[point->kind];
}

static void show_point(struct debugger *d, const struct tg_debug_point *point)
{
    const struct point_words *words = words_of(d, point->number);
    char where[VIEW_ADDRESS_BYTES];
    say(d, "%3" PRIu32 "  %-10s  %-3s  %6" PRIu64 "  ", point->number, kind_text(point), point->is_enabled ? "on" : "off",
        point->hits);
    say(d, "%s", words != NULL ? words->text : "");
    if (point->kind == TG_DEBUG_POINT_BREAK && point->address_count > 0)
        say(d, " at %s%s", view_address_text(d, point->addresses[0], where), point->address_count > 1 ? ", ..." : "");
    if (point->filter.cpu != TG_DEBUG_ANY)
        say(d, ", CPU %" PRIu32, point->filter.cpu);
    if (point->filter.ring != TG_DEBUG_ANY)
        say(d, ", ring %" PRIu32, point->filter.ring);
    if (words != NULL && words->program != NULL)
        say(d, ", in %s", words->program);
    if (words != NULL && words->condition != NULL)
        say(d, ", if %s", words->condition);
    if (point->ignore > 0)
        say(d, ", ignoring %" PRIu64 " hits", point->ignore);
    say(d, "\n");
    for (const char *line = words != NULL && words->commands != NULL ? words->commands : ""; *line != '\0';) {
        size_t length = strcspn(line, "\n");
        say(d, "       %.*s\n", (int)length, line);
        line += length + (line[length] == '\n');
    }
}

bool points_info(struct debugger *d, struct args *args)
{
    const struct tg_debug_point *point;
    uint32_t number = 0;
    if (!args_is_empty(args)) {
        if (!read_point(d, args, &number) || !args_end(d, args))
            return false;
        show_point(d, tg_debug_point(d->core, number));
        return true;
    }
    if (tg_debug_point_after(d->core, 0) == NULL)
        say(d, "no points: break, watch and catch make them\n");
    while ((point = tg_debug_point_after(d->core, number)) != NULL) {
        number = point->number;
        show_point(d, point);
    }
    return true;
}

/* --- As commands --------------------------------------------------------------------------------------------------------------------------- */

/* The command that makes a point, without what it is about. */
static void write_command(FILE *out, const struct tg_debug_point *point)
{
    const uint32_t acts = point->acts;
    switch (point->kind) {
    case TG_DEBUG_POINT_BREAK:
        fputs(point->is_log_only ? "log" : point->is_temporary ? "tbreak" : "break", out);
        break;
    case TG_DEBUG_POINT_CATCH:
        fputs("catch", out);
        break;
    default:
        fprintf(out, "watch/%s%s%s", acts & TG_DEBUG_ON_READ ? "r" : "", acts & TG_DEBUG_ON_WRITE ? "w" : "",
                acts & TG_DEBUG_ON_CHANGE ? "c" : "");
    }
}

static void write_point(FILE *out, const struct tg_debug_point *point, const struct point_words *words)
{
    write_command(out, point);
    if (strcmp(words->text, "here") == 0)
        fprintf(out, " *0x%08" PRIx32, point->addresses[0]);
    else
        fprintf(out, " %s", words->text);
    if (point->filter.cpu != TG_DEBUG_ANY)
        fprintf(out, " cpu %" PRIu32, point->filter.cpu);
    if (point->filter.ring != TG_DEBUG_ANY)
        fprintf(out, " ring %" PRIu32, point->filter.ring);
    if (words->program != NULL)
        fprintf(out, " process %s", words->program);
    if (words->condition != NULL)
        fprintf(out, " if %s", words->condition);
    fputc('\n', out);
    if (words->commands != NULL)
        fprintf(out, "commands\n%send\n", words->commands);
    if (!point->is_enabled)
        fputs("disable $bpnum\n", out);
}

char *points_as_commands(struct debugger *d)
{
    char *text = NULL;
    size_t size;
    uint32_t number = 0;
    const struct tg_debug_point *point;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL)
        return NULL;
    while ((point = tg_debug_point_after(d->core, number)) != NULL) {
        const struct point_words *words = words_of(d, number = point->number);
        if (words != NULL)
            write_point(out, point, words);
    }
    if (fclose(out) != 0) {
        free(text);
        return NULL;
    }
    return text;
}
