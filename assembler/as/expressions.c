/*
 * See expressions.h. Operators bind as in C. Numbers are calculated in 64 bits; only sums and
 * differences may have symbols whose place is not settled.
 */
#include "as/expressions.h"

#include <inttypes.h>

#include "as/input.h"
#include "as/report.h"
#include "as/symbols.h"

#define MAX_NESTING 100

enum operator{
    OP_OR_ELSE,
    OP_AND_THEN,
    OP_OR,
    OP_XOR,
    OP_AND,
    OP_EQUAL,
    OP_DIFFERENT,
    OP_AT_MOST,
    OP_AT_LEAST,
    OP_LEFT,
    OP_RIGHT,
    OP_LESS,
    OP_GREATER,
    OP_PLUS,
    OP_MINUS,
    OP_TIMES,
    OP_DIVIDED,
    OP_MODULO
};

/* An operator that begins another one stands after it. */
static const struct {
    char text[3];
    uint8_t level; /* the higher, the closer it binds */
    enum operator operator;
} operators[] = {
    {"||", 1, OP_OR_ELSE},  {"&&", 2, OP_AND_THEN}, {"|", 3, OP_OR},         {"^", 4, OP_XOR},
    {"&", 5, OP_AND},       {"==", 6, OP_EQUAL},    {"!=", 6, OP_DIFFERENT}, {"<=", 7, OP_AT_MOST},
    {">=", 7, OP_AT_LEAST}, {"<<", 8, OP_LEFT},     {">>", 8, OP_RIGHT},     {"<", 7, OP_LESS},
    {">", 7, OP_GREATER},   {"+", 9, OP_PLUS},      {"-", 9, OP_MINUS},      {"*", 10, OP_TIMES},
    {"/", 10, OP_DIVIDED},  {"%", 10, OP_MODULO},
};

static bool take_level(struct assembly *as, unsigned level, unsigned nesting,
                       struct value *ret_value);

/* --- Numbers ------------------------------------------------------------------------------------
 */

static unsigned digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return (unsigned)(c - '0');
    if (c >= 'a' && c <= 'f')
        return (unsigned)(c - 'a') + 10;
    if (c >= 'A' && c <= 'F')
        return (unsigned)(c - 'A') + 10;
    return 99;
}

static bool take_digits(struct assembly *as, unsigned base, const char *start, uint64_t *ret_number)
{
    uint64_t number = 0;
    const char *first = as->at;

    for (; as->at < as->end && digit_value(*as->at) < base; as->at++) {
        if (number > (UINT64_MAX - 15) / base)
            return error_here(as, start, "this number is too large");
        number = number * base + digit_value(*as->at);
    }
    if (as->at == first || (as->at < as->end && is_name_part(*as->at)))
        return error_here(as, start, "%s is no number: expected digits of base %u",
                          (as->at = start, what_comes(as)), base);
    *ret_number = number;
    return true;
}

/* Digits and "f" or "b": the next or the last label of that number. */
static bool is_numeric_label(const struct assembly *as, const char **ret_end)
{
    const char *at = as->at;

    while (at < as->end && *at >= '0' && *at <= '9')
        at++;
    *ret_end = at;
    return at < as->end && (*at == 'f' || *at == 'b') &&
           (at + 1 == as->end || !is_name_part(at[1]));
}

static bool take_numeric(struct assembly *as, struct value *ret_value)
{
    const char *start = as->at, *end;
    char second = as->end - start > 1 ? start[1] : ' ';
    uint64_t number = 0;
    bool is_taken;

    if (is_numeric_label(as, &end)) {
        struct slice digits = {start, (size_t)(end - start)};
        struct symbol *symbol = numeric_symbol(as, digits, *end == 'f');

        as->at = end + 1;
        *ret_value = (struct value){.add = symbol};
        return symbol != NULL;
    }
    if (*start == '0' && (second == 'x' || second == 'X')) {
        as->at += 2;
        is_taken = take_digits(as, 16, start, &number);
    } else if (*start == '0' && (second == 'b' || second == 'B')) {
        as->at += 2;
        is_taken = take_digits(as, 2, start, &number);
    } else {
        is_taken = take_digits(as, *start == '0' ? 8 : 10, start, &number);
    }
    *ret_value = (struct value){.number = (int64_t)number};
    return is_taken;
}

static bool take_character_constant(struct assembly *as, struct value *ret_value)
{
    const char *start = as->at++;
    uint32_t character;

    if (as->at == as->end)
        return error_here(as, start, "expected a character after the apostrophe");
    if (!take_character(as, &character))
        return false;
    if (as->at == as->end || *as->at != '\'')
        return error_here(as, start, "this character has no closing apostrophe");
    as->at++;
    *ret_value = (struct value){.number = character};
    return true;
}

/* --- Operands -----------------------------------------------------------------------------------
 */

/* Why a value is not known yet, to complete a message. */
static const char *why_unknown(struct assembly *as, const struct value *value)
{
    const struct symbol *symbols[] = {value->add, value->sub};

    for (int i = 0; i < 2; i++)
        if (symbols[i] && (symbols[i]->state != SYMBOL_LABEL || !value->add || !value->sub))
            return arena_format(&as->arena,
                                symbols[i]->state == SYMBOL_LABEL ? "\"%.*s\" is an address"
                                                                  : "\"%.*s\" is not defined yet",
                                SLICE(symbols[i]->name));
    return value->add->place.section == value->sub->place.section
               ? "something between the two places can still change its size"
               : "the two places are in different sections";
}

static bool need_numbers(struct assembly *as, const char *at, const char *operator,
                         const struct value * value, int64_t *ret_number)
{
    return is_known(value, ret_number) ||
           error_here(as, at, "\"%s\" needs a number that is known here: %s", operator,
                      why_unknown(as, value));
}

static bool apply_unary(struct assembly *as, char operator, const char * at, struct value *value)
{
    char text[2] = {operator, '\0' };
    int64_t number;

    if (operator== '+')
        return true;
    if (operator== '-') {
        *value = (struct value){value->sub, value->add, (int64_t)(0 - (uint64_t)value->number)};
        return true;
    }
    if (!need_numbers(as, at, text, value, &number))
        return false;
    *value = (struct value){.number = operator== '~' ? ~number : !number };
    return true;
}

static bool take_symbol(struct assembly *as, struct value *ret_value)
{
    struct slice name = take_name(as);

    if (slice_is(name, "."))
        *ret_value = (struct value){.add = here_symbol(as)};
    else if (tg_register_by_name(name.at, name.length) >= 0)
        return error_here(as, name.at, "expected a value, found register %.*s", SLICE(name));
    else
        *ret_value = use_symbol(as, find_symbol(as, name), name.at);
    return true;
}

static bool take_primary(struct assembly *as, unsigned nesting, struct value *ret_value)
{
    const char *start;

    if (nesting > MAX_NESTING)
        return error_here(as, NULL, "more than %d expressions within each other", MAX_NESTING);
    if (skip_blanks(as))
        return error_here(as, NULL, "expected a value, found the end of the line");
    start = as->at;
    switch (*start) {
    case '(':
        as->at++;
        return take_level(as, 1, nesting + 1, ret_value) && expect(as, ')');
    case '-':
    case '+':
    case '~':
    case '!':
        as->at++;
        return take_primary(as, nesting + 1, ret_value) &&
               apply_unary(as, *start, start, ret_value);
    case '\'':
        return take_character_constant(as, ret_value);
    default:
        if (*start >= '0' && *start <= '9')
            return take_numeric(as, ret_value);
        if (is_name_start(*start))
            return take_symbol(as, ret_value);
        return error_here(as, NULL, "expected a value, found %s", what_comes(as));
    }
}

/* --- Operators ----------------------------------------------------------------------------------
 */

static bool divide(struct assembly *as, const char *at, enum operator operator, int64_t left,
                   int64_t right, int64_t *ret_number)
{
    if (right == 0)
        return error_here(as, at, "division by zero");
    if (right == -1)
        *ret_number = operator== OP_DIVIDED ? (int64_t)(0 - (uint64_t)left) : 0;
    else
        *ret_number = operator== OP_DIVIDED ? left / right : left % right;
    return true;
}

static bool calculate(struct assembly *as, const char *at, enum operator operator, int64_t left,
                      int64_t right, int64_t *ret_number)
{
    uint64_t a = (uint64_t)left, b = (uint64_t)right;

    if ((operator== OP_LEFT || operator== OP_RIGHT) && b > 63)
        return error_here(as, at, "shift by %" PRId64 "; 0 to 63 are possible", right);
    switch (operator) {
    case OP_OR_ELSE:
        *ret_number = left || right;
        break;
    case OP_AND_THEN:
        *ret_number = left && right;
        break;
    case OP_OR:
        *ret_number = left | right;
        break;
    case OP_XOR:
        *ret_number = left ^ right;
        break;
    case OP_AND:
        *ret_number = left & right;
        break;
    case OP_EQUAL:
        *ret_number = left == right;
        break;
    case OP_DIFFERENT:
        *ret_number = left != right;
        break;
    case OP_AT_MOST:
        *ret_number = left <= right;
        break;
    case OP_AT_LEAST:
        *ret_number = left >= right;
        break;
    case OP_LESS:
        *ret_number = left < right;
        break;
    case OP_GREATER:
        *ret_number = left > right;
        break;
    case OP_LEFT:
        *ret_number = (int64_t)(a << b);
        break;
    case OP_RIGHT:
        *ret_number = (int64_t)(left < 0 ? ~(~a >> b) : a >> b);
        break;
    case OP_PLUS:
        *ret_number = (int64_t)(a + b);
        break;
    case OP_MINUS:
        *ret_number = (int64_t)(a - b);
        break;
    case OP_TIMES:
        *ret_number = (int64_t)(a * b);
        break;
    case OP_DIVIDED:
    case OP_MODULO:
        return divide(as, at, operator, left, right, ret_number);
    }
    return true;
}

/* A sum in which symbols remain; what is subtracted has been turned round. */
static bool add_values(struct assembly *as, const char *at, struct value *left,
                       const struct value *right)
{
    struct value sum = {.number = (int64_t)((uint64_t)left->number + (uint64_t)right->number)};
    struct symbol *adds[] = {left->add, right->add}, *subs[] = {left->sub, right->sub};
    int64_t number;

    for (int i = 0; i < 2; i++)
        for (int k = 0; k < 2; k++)
            if (adds[i] && adds[i] == subs[k])
                adds[i] = subs[k] = NULL;
    if ((adds[0] && adds[1]) || (subs[0] && subs[1]))
        return error_here(as, at, "a value can have one symbol added and one subtracted, no more");
    sum.add = adds[0] ? adds[0] : adds[1];
    sum.sub = subs[0] ? subs[0] : subs[1];
    if (is_known(&sum, &number))
        sum = (struct value){.number = number};
    *left = sum;
    return true;
}

static bool apply_binary(struct assembly *as, const char *at, size_t row, struct value *left,
                         struct value *right)
{
    enum operator operator= operators[row].operator;
    int64_t a, b, result = 0;

    if (operator== OP_PLUS)
        return add_values(as, at, left, right);
    if (operator== OP_MINUS) {
        apply_unary(as, '-', at, right);
        return add_values(as, at, left, right);
    }
    if (!need_numbers(as, at, operators[row].text, left, &a) ||
        !need_numbers(as, at, operators[row].text, right, &b) ||
        !calculate(as, at, operator, a, b, &result))
        return false;
    *left = (struct value){.number = result};
    return true;
}

/* The operator that comes next, at least at that level; the number of rows if none does. */
static size_t next_operator(struct assembly *as, unsigned level)
{
    size_t count = sizeof operators / sizeof operators[0], row;

    if (skip_blanks(as))
        return count;
    for (row = 0; row < count; row++) {
        const char *text = operators[row].text;

        if (*as->at == text[0] && (!text[1] || (as->end - as->at > 1 && as->at[1] == text[1])))
            break;
    }
    /* "||" is found before "|", but "|" must not be taken out of "||" that binds too loosely. */
    return row < count && operators[row].level >= level ? row : count;
}

static bool take_level(struct assembly *as, unsigned level, unsigned nesting,
                       struct value *ret_value)
{
    size_t row;

    if (!take_primary(as, nesting, ret_value))
        return false;
    while ((row = next_operator(as, level)) < sizeof operators / sizeof operators[0]) {
        const char *at = as->at;
        struct value right;

        as->at += operators[row].text[1] ? 2 : 1;
        if (!take_level(as, operators[row].level + 1u, nesting + 1, &right) ||
            !apply_binary(as, at, row, ret_value, &right))
            return false;
    }
    return true;
}

bool take_value(struct assembly *as, struct value *ret_value)
{
    return take_level(as, 1, 0, ret_value);
}

bool take_number(struct assembly *as, const char *what, int64_t lowest, int64_t highest,
                 int64_t *ret_number)
{
    const char *start = (skip_blanks(as), as->at);
    struct value value;

    if (!take_value(as, &value))
        return false;
    if (!is_known(&value, ret_number))
        return error_here(as, start, "the %s must be a number that is known here: %s", what,
                          why_unknown(as, &value));
    if (*ret_number < lowest || *ret_number > highest)
        return error_here(as, start, "the %s must be %" PRId64 " to %" PRId64 ", found %" PRId64,
                          what, lowest, highest, *ret_number);
    return true;
}
