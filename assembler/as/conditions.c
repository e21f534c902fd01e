/* Conditional lines. See directives.h. */
#include "as/directives.h"
#include "as/expressions.h"
#include "as/input.h"
#include "as/report.h"
#include "as/symbols.h"

bool is_reading(const struct assembly *as)
{
    return as->condition_count == 0 || as->conditions[as->condition_count - 1].is_active;
}

static bool is_defined(struct assembly *as, struct slice name)
{
    struct symbol *symbol = names_find(&as->symbols, name);

    if (symbol && symbol->state != SYMBOL_UNDEFINED)
        symbol->is_used = true;
    return symbol && symbol->state != SYMBOL_UNDEFINED;
}

/* Whether the condition that comes next holds. False after an error as well, which is told by
 * *ret_is_valid. */
static bool take_condition(struct assembly *as, int kind, bool *ret_is_valid)
{
    int64_t number = 0;
    bool is_true;

    *ret_is_valid = true;
    switch (kind) {
    case IF_DEFINED:
    case IF_UNDEFINED: {
        struct slice name = take_name(as);

        *ret_is_valid = (name.length > 0 ||
                         error_here(as, NULL, "expected a name, found %s", what_comes(as))) &&
                        expect_end(as);
        return *ret_is_valid && is_defined(as, name) == (kind == IF_DEFINED);
    }
    case IF_BLANK:
    case IF_GIVEN:
        is_true = skip_blanks(as) == (kind == IF_BLANK);
        as->at = as->end;
        return is_true;
    default:
        *ret_is_valid =
            take_number(as, "condition", INT64_MIN, INT64_MAX, &number) && expect_end(as);
        return number != 0;
    }
}

bool begin_if(struct assembly *as, int kind)
{
    struct condition condition = {.is_outer_active = is_reading(as),
                                  .spot = spot_here(as, as->statement)};
    bool is_valid = true;

    /* In lines that are not read nothing is evaluated: it may make no sense. */
    condition.is_active = condition.is_outer_active && take_condition(as, kind, &is_valid);
    condition.was_active = condition.is_active;
    GROW(as->conditions, as->condition_count, as->condition_room);
    as->conditions[as->condition_count++] = condition;
    return is_valid;
}

static struct condition *innermost(struct assembly *as)
{
    if (as->condition_count > (as->input ? as->input->conditions : 0))
        return &as->conditions[as->condition_count - 1];
    error_here(as, as->statement, "%.*s without .if", (int)(as->at - as->statement), as->statement);
    return NULL;
}

bool next_if(struct assembly *as, int has_value)
{
    struct condition *condition = innermost(as);
    bool is_valid = true;

    if (!condition)
        return false;
    if (condition->has_else)
        return error_here(as, as->statement, "nothing but .endif can follow .else");
    condition->has_else = !has_value;
    condition->is_active = condition->is_outer_active && !condition->was_active &&
                           (has_value ? take_condition(as, IF_TRUE, &is_valid) : expect_end(as));
    condition->was_active = condition->was_active || condition->is_active;
    return is_valid;
}

bool end_if(struct assembly *as, int argument)
{
    (void)argument;
    if (!innermost(as))
        return false;
    as->condition_count--;
    return expect_end(as);
}
