/* See macros.h. */
#include "as/macros.h"

#include <string.h>

#include "as/directives.h"
#include "as/expressions.h"
#include "as/input.h"
#include "as/report.h"
#include "as/statements.h"

enum { MAX_PARAMETERS = 64 };

static const char *const macro_opens[] = {".macro", NULL};
static const char *const repeat_opens[] = {".rept", ".irp", ".irpc", NULL};

/* --- Arguments ----------------------------------------------------------------------------------
 */

static struct slice trim(struct slice text)
{
    while (text.length > 0 && *text.at == ' ')
        text = (struct slice){text.at + 1, text.length - 1};
    while (text.length > 0 && text.at[text.length - 1] == ' ')
        text.length--;
    return text;
}

/* A text that is all in one pair of quotes, without them: that is how an argument can have commas.
 */
static struct slice unquote(struct slice text)
{
    if (text.length < 2 || text.at[0] != '"' || text.at[text.length - 1] != '"')
        return text;
    for (size_t i = 1; i + 1 < text.length; i++)
        if (text.at[i] == '"' && text.at[i - 1] != '\\')
            return text;
    return (struct slice){text.at + 1, text.length - 2};
}

/* The text up to the next comma that is neither in quotes nor in parentheses or braces. */
static struct slice take_argument(struct assembly *as)
{
    const char *start = as->at;
    unsigned depth = 0;
    char quote = '\0';

    for (; as->at < as->end; as->at++) {
        char c = *as->at;

        if (quote) {
            if (c == '\\' && as->at + 1 < as->end)
                as->at++;
            else if (c == quote)
                quote = '\0';
        } else if (c == '"') {
            quote = c;
        } else if (c == '(' || c == '{') {
            depth++;
        } else if ((c == ')' || c == '}') && depth > 0) {
            depth--;
        } else if (c == ',' && depth == 0) {
            break;
        }
    }
    return unquote(trim((struct slice){start, (size_t)(as->at - start)}));
}

/* --- Putting texts in place of names ------------------------------------------------------------
 */

struct replacement {
    struct slice name, text;
};

/* Copies a body, with replacements for \NAME, number for \@, and nothing for \(). */
static void replace(struct buffer *out, struct slice body, const struct replacement *replacements,
                    size_t count, uint32_t number)
{
    const char *at = body.at, *end = body.at + body.length;

    while (at < end) {
        const char *mark = memchr(at, '\\', (size_t)(end - at));
        struct slice name = {mark ? mark + 1 : end, 0};
        size_t row = 0;

        buffer_add_text(out, at, (size_t)((mark ? mark : end) - at));
        if (!mark)
            return;
        at = mark + 1;
        if (at < end && *at == '@') {
            buffer_format(out, "%u", number);
            at++;
            continue;
        }
        if (end - at >= 2 && at[0] == '(' && at[1] == ')') {
            at += 2;
            continue;
        }
        while (name.at + name.length < end && is_name_part(name.at[name.length]) &&
               name.at[name.length] != '.')
            name.length++;
        while (row < count && !slices_equal(replacements[row].name, name))
            row++;
        if (row < count) {
            buffer_add_text(out, replacements[row].text.at, replacements[row].text.length);
            at += name.length;
        } else {
            /* No name of ours: an escape in a text. The character after it is not looked at again.
             */
            buffer_add_text(out, mark, at < end ? 2 : 1);
            at += at < end;
        }
    }
}

/* --- Defining -----------------------------------------------------------------------------------
 */

static bool take_parameter(struct assembly *as, struct macro_parameter *parameter)
{
    *parameter = (struct macro_parameter){.name = take_name(as)};
    if (parameter->name.length == 0)
        return error_here(as, NULL, "expected the name of a parameter, found %s", what_comes(as));
    if (accept(as, ':')) {
        struct slice kind = take_name(as);

        if (slice_is(kind, "vararg"))
            parameter->takes_rest = true;
        else if (slice_is(kind, "req"))
            parameter->is_required = true;
        else
            return error_here(as, kind.at, "expected \"req\" or \"vararg\" after the colon");
    } else if (accept(as, '=')) {
        skip_blanks(as);
        parameter->value = take_argument(as);
    }
    return true;
}

static bool take_parameters(struct assembly *as, struct macro *macro)
{
    struct macro_parameter parameters[MAX_PARAMETERS];

    accept(as, ',');
    while (!skip_blanks(as)) {
        if (macro->parameter_count == MAX_PARAMETERS)
            return error_here(as, NULL, "more than %d parameters", MAX_PARAMETERS);
        if (!take_parameter(as, &parameters[macro->parameter_count]))
            return false;
        macro->parameter_count++;
        accept(as, ',');
    }
    macro->parameters =
        arena_alloc(&as->arena, sizeof parameters[0] * (macro->parameter_count + 1));
    if (macro->parameter_count)
        memcpy(macro->parameters, parameters, sizeof parameters[0] * macro->parameter_count);
    return true;
}

bool begin_macro(struct assembly *as, int argument)
{
    struct macro *macro = arena_alloc(&as->arena, sizeof *macro);
    struct word *word;
    bool is_valid;

    (void)argument;
    macro->name = take_name(as);
    macro->spot = spot_here(as, macro->name.at);
    is_valid = (macro->name.length > 0 ||
                error_here(as, NULL, "expected the name of the macro, found %s", what_comes(as))) &&
               take_parameters(as, macro);
    /* The body is taken in any case, so that it is not read as statements. */
    if (!take_lines(as, macro_opens, ".endm", &macro->body, &macro->body_number) || !is_valid)
        return false;
    word = find_word(as, macro->name);
    if (word && word->macro)
        return error_at(as, &macro->spot, "macro \"%.*s\" is defined already%s", SLICE(macro->name),
                        defined_where(as, &word->macro->spot));
    if (!word) {
        word = arena_alloc(&as->arena, sizeof *word);
        names_set(&as->words, macro->name, word);
    }
    word->macro = macro;
    return true;
}

/* --- Calling ------------------------------------------------------------------------------------
 */

/* "name=value" gives a parameter by name; the parameter's number, or -1. */
static int named_parameter(const struct macro *macro, struct slice argument,
                           struct slice *ret_value)
{
    size_t length = 0;

    while (length < argument.length && is_name_part(argument.at[length]))
        length++;
    for (size_t i = 0; i < macro->parameter_count; i++) {
        struct slice rest = {argument.at + length, argument.length - length};

        rest = trim(rest);
        if (!slices_equal(macro->parameters[i].name, (struct slice){argument.at, length}) ||
            rest.length == 0 || rest.at[0] != '=' || (rest.length > 1 && rest.at[1] == '='))
            continue;
        *ret_value = unquote(trim((struct slice){rest.at + 1, rest.length - 1}));
        return (int)i;
    }
    return -1;
}

static bool take_arguments(struct assembly *as, const struct macro *macro,
                           struct replacement *replacements, bool *is_given)
{
    size_t next = 0;

    while (!skip_blanks(as)) {
        const char *start = as->at;
        bool takes_rest = next < macro->parameter_count && macro->parameters[next].takes_rest;
        struct slice text =
            takes_rest ? trim((struct slice){start, (size_t)(as->end - start)}) : take_argument(as);
        int named = takes_rest ? -1 : named_parameter(macro, text, &text);
        size_t at = named >= 0 ? (size_t)named : next++;

        if (takes_rest)
            as->at = as->end;
        if (at >= macro->parameter_count)
            return error_here(as, start, "macro \"%.*s\" takes %zu argument%s, here is one more",
                              SLICE(macro->name), macro->parameter_count,
                              macro->parameter_count == 1 ? "" : "s");
        if (is_given[at])
            return error_here(as, start, "\"%.*s\" is given twice",
                              SLICE(macro->parameters[at].name));
        is_given[at] = text.length > 0;
        replacements[at].text = text;
        accept(as, ',');
    }
    return true;
}

bool call_macro(struct assembly *as, const struct macro *macro)
{
    struct replacement replacements[MAX_PARAMETERS];
    bool is_given[MAX_PARAMETERS] = {false};
    struct buffer text = {0};
    bool is_pushed;

    for (size_t i = 0; i < macro->parameter_count; i++)
        replacements[i] = (struct replacement){macro->parameters[i].name, {"", 0}};
    if (!take_arguments(as, macro, replacements, is_given))
        return false;
    for (size_t i = 0; i < macro->parameter_count; i++) {
        const struct macro_parameter *parameter = &macro->parameters[i];

        if (is_given[i])
            continue;
        if (parameter->is_required)
            return error_here(as, as->end, "macro \"%.*s\" needs a value for \"%.*s\"",
                              SLICE(macro->name), SLICE(parameter->name));
        if (parameter->value.length)
            replacements[i].text = parameter->value;
    }
    replace(&text, macro->body, replacements, macro->parameter_count, as->macro_calls++);
    is_pushed = push_macro(as, macro, arena_text(&as->arena, (const char *)text.bytes, text.used),
                           text.used);
    buffer_finish(&text);
    return is_pushed;
}

/* --- Repetitions --------------------------------------------------------------------------------
 */

static uint32_t count_lines(struct slice text)
{
    uint32_t lines = 0;

    for (size_t i = 0; i < text.length; i++)
        lines += text.at[i] == '\n';
    return lines;
}

/* Reads a body once for each of values, with the value in place of the name. */
static bool repeat_with(struct assembly *as, struct slice name, const struct slice *values,
                        size_t count)
{
    struct macro *macro = arena_alloc(&as->arena, sizeof *macro);
    struct buffer text = {0};
    struct slice body;
    bool is_pushed;

    macro->spot = as->spot;
    macro->name = slice_of(".irp");
    if (!take_lines(as, repeat_opens, ".endr", &body, &macro->body_number))
        return false;
    for (size_t i = 0; i < count && text.used < as->byte_limit; i++)
        replace(&text, body, &(struct replacement){name, values[i]}, 1, as->macro_calls++);
    is_pushed = text.used == 0 ||
                push_macro(as, macro, arena_text(&as->arena, (const char *)text.bytes, text.used),
                           text.used);
    if (is_pushed && text.used)
        as->input->period = count_lines(body);
    buffer_finish(&text);
    return is_pushed;
}

/* The values of .irp, or the characters of .irpc. */
static struct slice *take_values(struct assembly *as, int kind, size_t *ret_count)
{
    struct slice *values = arena_alloc(&as->arena, (size_t)(as->end - as->at + 1) * sizeof *values);
    size_t count = 0;

    while (!skip_blanks(as)) {
        if (kind == REPEAT_CHARACTERS) {
            values[count++] = (struct slice){as->at++, 1};
        } else {
            values[count++] = take_argument(as);
            accept(as, ',');
        }
    }
    *ret_count = count;
    return values;
}

bool begin_repeat(struct assembly *as, int kind)
{
    struct slice name, body, *values;
    int64_t times = 0;
    size_t count;
    uint32_t number;

    if (kind == REPEAT_COUNT) {
        bool is_valid = take_number(as, "count", 0, INT32_MAX, &times) && expect_end(as);

        return take_lines(as, repeat_opens, ".endr", &body, &number) && is_valid &&
               push_repeat(as, body.at, body.at + body.length, number, (uint64_t)times);
    }
    name = take_name(as);
    if (name.length == 0 || !expect(as, ',')) {
        if (name.length == 0)
            error_here(as, NULL, "expected a name, found %s", what_comes(as));
        take_lines(as, repeat_opens, ".endr", &body, &number);
        return false;
    }
    values = take_values(as, kind, &count);
    return repeat_with(as, name, values, count);
}
