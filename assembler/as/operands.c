/* See operands.h. */
#include "as/operands.h"

#include "as/expressions.h"
#include "as/input.h"
#include "as/report.h"

/* The parts of an address that a value can be cut to. */
static const struct {
    const char *name;
    enum tg_reloc_kind part;
} parts[] = {
    {"hi", TG_R_HI20},
    {"lo", TG_R_LO12},
    {"pcrel_hi", TG_R_PCREL_HI20},
    {"pcrel_lo", TG_R_PCREL_LO12},
    {"tprel_hi", TG_R_TPREL_HI20},
    {"tprel_lo", TG_R_TPREL_LO12},
};
#define PART_COUNT (sizeof parts / sizeof parts[0])

/* After the percent sign: name(value). */
static bool take_part(struct assembly *as, struct operand *operand)
{
    struct slice name = take_name(as);
    const char *names[PART_COUNT];

    for (size_t i = 0; i < PART_COUNT; i++) {
        names[i] = parts[i].name;
        if (slice_is(name, parts[i].name)) {
            operand->part = parts[i].part;
            return expect(as, '(') && take_value(as, &operand->value) && expect(as, ')');
        }
    }
    return error_here(as, name.at, "unknown part \"%%%.*s\" of a value%s", SLICE(name),
                      suggestion(as, name, names, PART_COUNT));
}

const char *suggest_register(struct assembly *as, struct slice name)
{
    const char *names[32];

    for (uint32_t i = 0; i < 32; i++)
        names[i] = tg_register_name(i);
    return suggestion(as, name, names, 32);
}

static bool take_register(struct assembly *as, uint8_t *ret_register)
{
    struct slice name = take_name(as);
    int number = tg_register_by_name(name.at, name.length);

    if (number >= 0) {
        *ret_register = (uint8_t)number;
        return true;
    }
    if (name.length == 0)
        return error_here(as, NULL, "expected a register, found %s", what_comes(as));
    return error_here(as, name.at, "expected a register, found \"%.*s\"%s", SLICE(name),
                      suggest_register(as, name));
}

/* --- Lists --------------------------------------------------------------------------------------
 */

/* "s3" as "s" and 3. False if there is no number at the end. */
static bool split_name(struct slice name, size_t *ret_letters, unsigned *ret_number)
{
    size_t letters = name.length;
    unsigned number = 0;

    while (letters > 0 && name.at[letters - 1] >= '0' && name.at[letters - 1] <= '9')
        letters--;
    for (size_t i = letters; i < name.length; i++)
        number = number * 10 + (unsigned)(name.at[i] - '0');
    *ret_letters = letters;
    *ret_number = number;
    return letters < name.length;
}

/* Registers from one name to another that differ in the number at the end: s0-s11. */
static bool add_range(struct assembly *as, struct slice first, struct slice last, uint32_t *set)
{
    size_t letters, last_letters;
    unsigned from, to;

    if (!split_name(first, &letters, &from) || !split_name(last, &last_letters, &to) ||
        letters != last_letters || from > to ||
        !slices_equal((struct slice){first.at, letters}, (struct slice){last.at, letters}))
        return error_here(as, first.at, "%.*s to %.*s is no row of registers; s0-s3 is one",
                          SLICE(first), SLICE(last));
    for (; from <= to; from++) {
        const char *name = arena_format(&as->arena, "%.*s%u", (int)letters, first.at, from);
        int number = tg_register_by_name(name, slice_of(name).length);

        if (number >= 0)
            *set |= UINT32_C(1) << number;
    }
    return true;
}

static bool take_list(struct assembly *as, struct operand *operand)
{
    do {
        struct slice first, last;
        uint8_t number;

        skip_blanks(as);
        first.at = as->at;
        if (!take_register(as, &number))
            return false;
        first.length = (size_t)(as->at - first.at);
        if (operand->registers >> number & 1)
            return error_here(as, first.at, "%.*s is in the list twice", SLICE(first));
        operand->registers |= UINT32_C(1) << number;
        if (!accept(as, '-'))
            continue;
        skip_blanks(as);
        last.at = as->at;
        if (!take_register(as, &number))
            return false;
        last.length = (size_t)(as->at - last.at);
        if (!add_range(as, first, last, &operand->registers))
            return false;
    } while (accept(as, ','));
    return expect(as, '}');
}

/* --- Operands -----------------------------------------------------------------------------------
 */

/* Whether the text is one name, with nothing before or after it in this operand. */
static bool is_lone_name(struct assembly *as, struct slice *ret_name)
{
    const char *start = as->at;
    struct slice name = take_name(as);
    bool is_lone = name.length > 0 && (skip_blanks(as) || *as->at == ',');

    as->at = start;
    *ret_name = name;
    return is_lone;
}

/* What follows a value: nothing, or a register in parentheses. */
static bool take_base(struct assembly *as, struct operand *operand)
{
    if (!accept(as, '('))
        return true;
    operand->kind = OPERAND_MEMORY;
    operand->has_value = true;
    return take_register(as, &operand->reg) && expect(as, ')');
}

/* "(a0)", which could also be the beginning of an expression. */
static bool is_bare_base(struct assembly *as)
{
    const char *start = as->at;
    bool is_bare = false;

    if (accept(as, '(')) {
        struct slice name = take_name(as);

        is_bare = tg_register_by_name(name.at, name.length) >= 0;
    }
    as->at = start;
    return is_bare;
}

static bool take_operand(struct assembly *as, struct operand *operand)
{
    struct slice name;

    *operand = (struct operand){.kind = OPERAND_VALUE, .part = TG_R_NONE};
    if (accept(as, '{')) {
        operand->kind = OPERAND_LIST;
        return take_list(as, operand);
    }
    if (is_bare_base(as)) {
        operand->kind = OPERAND_MEMORY;
        return accept(as, '(') && take_register(as, &operand->reg) && expect(as, ')');
    }
    if (is_lone_name(as, &name)) {
        int number = tg_register_by_name(name.at, name.length);

        if (number >= 0) {
            operand->kind = OPERAND_REGISTER;
            operand->reg = (uint8_t)number;
            as->at = name.at + name.length;
            return true;
        }
        operand->name = name;
        /* What a control register's name means is seen when it is known whether one is wanted. */
        if (tg_creg_by_name(name.at, name.length) >= 0) {
            as->at = name.at + name.length;
            return true;
        }
    }
    if (accept(as, '%'))
        return take_part(as, operand) && take_base(as, operand);
    return take_value(as, &operand->value) && take_base(as, operand);
}

bool take_operands(struct assembly *as, struct operand *operands, size_t *ret_count)
{
    size_t count = 0;

    if (skip_blanks(as)) {
        *ret_count = 0;
        return true;
    }
    do {
        const char *start = (skip_blanks(as), as->at);

        if (count == MAX_OPERANDS)
            return error_here(as, NULL, "more than %d operands", MAX_OPERANDS);
        if (!take_operand(as, &operands[count]))
            return false;
        operands[count].text = (struct slice){start, (size_t)(as->at - start)};
        while (operands[count].text.length > 0 && start[operands[count].text.length - 1] == ' ')
            operands[count].text.length--;
        count++;
    } while (accept(as, ','));
    *ret_count = count;
    return skip_blanks(as) ||
           error_here(as, NULL, "expected \",\" or the end of the line, found %s", what_comes(as));
}

const char *describe_operand(struct assembly *as, const struct operand *operand)
{
    static const char *const kinds[] = {"register", "value", "memory operand", "register list"};

    return arena_format(&as->arena, "%s %.*s", kinds[operand->kind], SLICE(operand->text));
}
