/*
 * Values of expressions. Every value is a number; some also move with an output section (addresses,
 * the location), which decides the section that a symbol belongs to. Manual: docs/toolchain.md,
 * "Linker scripts".
 */
#include <string.h>

#include "ld/link.h"

static struct ld_value number(uint32_t value)
{
    return (struct ld_value){.number = value};
}

static struct ld_value place_in(struct ld_output *output, uint32_t address)
{
    return (struct ld_value){.number = address, .output = output};
}

static struct ld_value evaluate_dot(const struct ld_pass *pass)
{
    return place_in(pass->output ? pass->output : pass->last, (uint32_t)pass->dot);
}

static struct ld_value evaluate_symbol(struct ld_pass *pass, const struct ld_expression *e)
{
    const struct ld_symbol *symbol = ld_find_symbol(pass->link, e->name);

    if (!symbol || !symbol->is_defined) {
        if (pass->is_final && !(symbol && symbol->is_used && symbol->is_weak))
            ld_error_at(pass->link, e->place, "undefined symbol %s%s", e->name,
                        ld_suggestion(pass->link, e->name));
        return number(0);
    }
    if (symbol->section && symbol->section->output)
        return place_in(symbol->section->output,
                        symbol->section->output->address + symbol->section->offset + symbol->value);
    return place_in(symbol->output, symbol->value);
}

static struct ld_value evaluate_section(struct ld_pass *pass, const struct ld_expression *e)
{
    struct ld_output *output = pass->link->outputs;

    while (output && strcmp(output->name, e->name) != 0)
        output = output->next;
    if (!output) {
        if (pass->is_final)
            ld_error_at(pass->link, e->place, "there is no output section %s", e->name);
        return number(0);
    }
    switch (e->op) {
    case LD_ADDRESS:
        return place_in(output, output->address);
    case LD_LOAD_ADDRESS:
        return number(output->load_address);
    case LD_SIZE:
        return number(output->size_bytes);
    default:
        return number(output->align);
    }
}

static struct ld_value divide(struct ld_pass *pass, const struct ld_expression *e, uint32_t a,
                              uint32_t b)
{
    if (b == 0) {
        if (pass->is_final)
            ld_error_at(pass->link, e->place, "division by zero");
        return number(0);
    }
    return number(e->op == LD_DIVIDE ? a / b : a % b);
}

static struct ld_value align(struct ld_pass *pass, const struct ld_expression *e,
                             struct ld_value value, uint32_t multiple)
{
    if (multiple == 0 || (multiple & (multiple - 1)) != 0) {
        if (pass->is_final && multiple != 0)
            ld_error_at(pass->link, e->place, "ALIGN: %u is no power of two", multiple);
        return value;
    }
    value.number = (value.number + multiple - 1) & ~(multiple - 1);
    return value;
}

static struct ld_value add(struct ld_value a, struct ld_value b, bool is_less)
{
    uint32_t sum = is_less ? a.number - b.number : a.number + b.number;

    /* The distance of two addresses moves with nothing. */
    if (a.output && b.output)
        return number(sum);
    return place_in(a.output ? a.output : is_less ? NULL : b.output, sum);
}

static uint32_t calculate(enum ld_operator op, uint32_t a, uint32_t b)
{
    switch (op) {
    case LD_MULTIPLY:
        return a * b;
    case LD_SHIFT_LEFT:
        return b < 32 ? a << b : 0;
    case LD_SHIFT_RIGHT:
        return b < 32 ? a >> b : 0;
    case LD_OR:
        return a | b;
    case LD_XOR:
        return a ^ b;
    case LD_LESS:
        return a < b;
    case LD_LESS_EQUAL:
        return a <= b;
    case LD_GREATER:
        return a > b;
    case LD_GREATER_EQUAL:
        return a >= b;
    case LD_EQUAL:
        return a == b;
    case LD_NOT_EQUAL:
        return a != b;
    case LD_BOTH:
        return a && b;
    case LD_EITHER:
        return a || b;
    case LD_NEGATE:
        return 0 - a;
    case LD_COMPLEMENT:
        return ~a;
    case LD_NOT:
        return !a;
    default:
        return 0;
    }
}

static struct ld_value evaluate_operator(struct ld_pass *pass, const struct ld_expression *e)
{
    struct ld_value a = ld_evaluate(pass, e->a);
    struct ld_value b = e->b ? ld_evaluate(pass, e->b) : number(0);

    switch (e->op) {
    case LD_ADD:
    case LD_SUBTRACT:
        return add(a, b, e->op == LD_SUBTRACT);
    case LD_DIVIDE:
    case LD_REMAINDER:
        return divide(pass, e, a.number, b.number);
    case LD_ALIGN:
        return align(pass, e, a, b.number);
    case LD_ABSOLUTE:
        return number(a.number);
    case LD_AND:
        return place_in(a.output, a.number & b.number); /* rounded down, it still moves */
    case LD_MINIMUM:
        return a.number < b.number ? a : b;
    case LD_MAXIMUM:
        return a.number > b.number ? a : b;
    default:
        return number(calculate(e->op, a.number, b.number));
    }
}

struct ld_value ld_evaluate(struct ld_pass *pass, const struct ld_expression *e)
{
    const struct ld_symbol *symbol;

    switch (e->op) {
    case LD_NUMBER:
        return number(e->number);
    case LD_DOT:
        return evaluate_dot(pass);
    case LD_SYMBOL:
        return evaluate_symbol(pass, e);
    case LD_DEFINED:
        symbol = ld_find_symbol(pass->link, e->name);
        return number(symbol && symbol->is_defined);
    case LD_ADDRESS:
    case LD_LOAD_ADDRESS:
    case LD_SIZE:
    case LD_ALIGNMENT:
        return evaluate_section(pass, e);
    case LD_CHOOSE:
        return ld_evaluate(pass, ld_evaluate(pass, e->a).number ? e->b : e->c);
    default:
        return evaluate_operator(pass, e);
    }
}

static void visit_expression(struct ld_link *link, const struct ld_expression *e,
                             void (*visit)(struct ld_link *link, const char *name))
{
    if (!e)
        return;
    if (e->op == LD_SYMBOL)
        visit(link, e->name);
    visit_expression(link, e->a, visit);
    if (e->b != e->a)
        visit_expression(link, e->b, visit);
    visit_expression(link, e->c, visit);
}

void ld_visit_script_symbols(struct ld_link *link,
                             void (*visit)(struct ld_link *link, const char *name))
{
    for (const struct ld_statement *outer = link->script; outer; outer = outer->next) {
        visit_expression(link, outer->expression, visit);
        if (outer->kind != LD_OUTPUT)
            continue;
        visit_expression(link, outer->output->address_expression, visit);
        visit_expression(link, outer->output->load_expression, visit);
        visit_expression(link, outer->output->align_expression, visit);
        visit_expression(link, outer->output->fill, visit);
        for (const struct ld_statement *s = outer->output->body; s; s = s->next)
            visit_expression(link, s->expression, visit);
    }
}
