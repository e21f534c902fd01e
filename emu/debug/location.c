/*
 * Where variables are: DWARF location expressions (DWARF 5 sections 2.5 and 2.6) evaluated against
 * a scope. Values may lie in memory, in a register, be computed, or be in several pieces; what the
 * compiler did not keep is lost, and said to be.
 */
#include "debug/program_internal.h"

#include <dwarf.h>
#include <string.h>

#include "core/bytes.h"

#define MAX_STACK 64
#define MAX_STEPS 5000 /* expressions may loop */

/* An element of the stack: of the generic type (an address), or of a base type. */
struct element {
    uint64_t bits; /* cut to size */
    uint8_t size;  /* 1, 2, 4, 8 */
    bool is_signed;
};

enum result { DONE, LOST, UNREADABLE };

struct evaluation {
    const struct tg_scope *scope;
    Dwarf_Attribute *attribute; /* whose expression it is */
    Dwarf_Die *function;
    struct tg_program *program;
    bool is_frame_base; /* may not ask for the frame base itself */
    struct element stack[MAX_STACK];
    unsigned count;
    unsigned steps;
    bool is_bad;
    enum result result;
    /* what is known of the piece at hand */
    enum tg_place_kind place; /* MEMORY unless said otherwise */
    uint32_t number;          /* of the register */
    const uint8_t *block;     /* of DW_OP_implicit_value; place is NONE */
    size_t block_size;
};

/* --- The stack -------------------------------------------------------------------------------- */

static uint64_t cut(uint64_t bits, uint8_t size)
{
    return size >= 8 ? bits : bits & ((UINT64_C(1) << (8 * size)) - 1);
}

static int64_t extend(struct element element)
{
    unsigned shift = 64u - 8u * element.size;
    return (int64_t)(element.bits << shift) >> shift;
}

static void push_element(struct evaluation *e, struct element element)
{
    if (e->count == MAX_STACK) {
        e->is_bad = true;
        return;
    }
    element.bits = cut(element.bits, element.size);
    e->stack[e->count++] = element;
}

static void push(struct evaluation *e, uint64_t bits)
{
    push_element(e, (struct element){bits, 4, false});
}

static struct element pop(struct evaluation *e)
{
    if (e->count == 0) {
        e->is_bad = true;
        return (struct element){0, 4, false};
    }
    return e->stack[--e->count];
}

static struct element pick(struct evaluation *e, uint64_t index)
{
    if (index >= e->count) {
        e->is_bad = true;
        return (struct element){0, 4, false};
    }
    return e->stack[e->count - 1 - index];
}

static void lose(struct evaluation *e, enum result result)
{
    if (e->result == DONE)
        e->result = result;
}

/* --- Operands --------------------------------------------------------------------------------- */

static uint32_t read_register(struct evaluation *e, uint64_t number)
{
    uint32_t value = 0;
    if (number >= 32 || e->scope->read_register == NULL ||
        !e->scope->read_register(e->scope->context, (unsigned)number, &value))
        lose(e, LOST);
    return value;
}

static uint64_t read_memory(struct evaluation *e, uint32_t address, unsigned size)
{
    uint8_t bytes[8] = {0};
    if (e->scope->read_memory == NULL ||
        !e->scope->read_memory(e->scope->context, address, bytes, size))
        lose(e, UNREADABLE);
    return tg_get_le(bytes, size);
}

static enum result evaluate_attribute(struct evaluation *e, Dwarf_Attribute *attribute);

static uint32_t frame_base(struct evaluation *e)
{
    Dwarf_Attribute attribute;
    struct evaluation inner = {.scope = e->scope, .program = e->program, .is_frame_base = true};
    if (e->is_frame_base || e->function == NULL || e->scope->is_half_made ||
        dwarf_attr_integrate(e->function, DW_AT_frame_base, &attribute) == NULL) {
        lose(e, LOST);
        return 0;
    }
    enum result result = evaluate_attribute(&inner, &attribute);
    if (result != DONE) {
        lose(e, result);
        return 0;
    }
    if (inner.place == TG_PLACE_REGISTER)
        return read_register(e, inner.number);
    return (uint32_t)pop(&inner).bits;
}

/* An address, or a constant, by its index in .debug_addr. */
static uint64_t indexed(struct evaluation *e, const Dwarf_Op *op)
{
    Dwarf_Attribute attribute;
    Dwarf_Addr address;
    Dwarf_Word word;
    if (dwarf_getlocation_attr(e->attribute, op, &attribute) != 0) {
        e->is_bad = true;
        return 0;
    }
    if (dwarf_formaddr(&attribute, &address) == 0)
        return address;
    if (dwarf_formudata(&attribute, &word) == 0)
        return word;
    e->is_bad = true;
    return 0;
}

/* The base type that an operation names: its size and sign; false: none that is possible. */
static bool base_type(struct evaluation *e, const Dwarf_Op *op, struct element *ret_type)
{
    Dwarf_Die die;
    *ret_type = (struct element){0, 4, false};
    if ((op->atom == DW_OP_convert || op->atom == DW_OP_GNU_convert ||
         op->atom == DW_OP_reinterpret || op->atom == DW_OP_GNU_reinterpret) &&
        op->number == 0)
        return true; /* the generic type */
    if (dwarf_getlocation_die(e->attribute, op, &die) != 0 || dwarf_tag(&die) != DW_TAG_base_type)
        return false;
    struct tg_type type = tg_type_of_die(e->program, &die);
    uint32_t size = tg_type_size(type);
    enum tg_type_kind kind = tg_type_kind(type);
    if ((kind != TG_TYPE_INTEGER && kind != TG_TYPE_BOOLEAN) || size == 0 || size > 8)
        return false;
    *ret_type = (struct element){0, (uint8_t)size, tg_type_is_signed(type)};
    return true;
}

/* --- Operations ------------------------------------------------------------------------------- */

static void divide(struct evaluation *e, struct element a, struct element b, bool is_remainder)
{
    bool is_signed = a.is_signed || (!is_remainder && a.size == 4);
    if (b.bits == 0) {
        e->is_bad = true;
        return;
    }
    uint64_t bits;
    if (!is_signed)
        bits = is_remainder ? a.bits % b.bits : a.bits / b.bits;
    else if (extend(b) == -1)
        bits = is_remainder ? 0 : 0 - (uint64_t)extend(a);
    else
        bits = (uint64_t)(is_remainder ? extend(a) % extend(b) : extend(a) / extend(b));
    push_element(e, (struct element){bits, a.size, a.is_signed});
}

static bool compare(uint8_t atom, struct element a, struct element b)
{
    int64_t x = extend(a), y = extend(b);
    if (!a.is_signed && a.size != 4) { /* the generic type is compared signed */
        uint64_t ux = a.bits, uy = b.bits;
        return atom == DW_OP_eq   ? ux == uy
               : atom == DW_OP_ne ? ux != uy
               : atom == DW_OP_lt ? ux < uy
               : atom == DW_OP_le ? ux <= uy
               : atom == DW_OP_gt ? ux > uy
                                  : ux >= uy;
    }
    return atom == DW_OP_eq   ? x == y
           : atom == DW_OP_ne ? x != y
           : atom == DW_OP_lt ? x < y
           : atom == DW_OP_le ? x <= y
           : atom == DW_OP_gt ? x > y
                              : x >= y;
}

static uint64_t shift(uint8_t atom, struct element a, uint64_t by)
{
    bool is_all = by >= 8u * a.size;
    if (atom == DW_OP_shl)
        return is_all ? 0 : a.bits << by;
    if (atom == DW_OP_shr)
        return is_all ? 0 : a.bits >> by;
    return (uint64_t)(extend(a) >> (is_all ? 63 : by));
}

/* Operations on two elements; false: another one. */
static bool binary(struct evaluation *e, uint8_t atom)
{
    uint64_t bits;
    if (!(atom == DW_OP_and || (atom >= DW_OP_div && atom <= DW_OP_mul) || atom == DW_OP_or ||
          atom == DW_OP_plus || (atom >= DW_OP_shl && atom <= DW_OP_xor) ||
          (atom >= DW_OP_eq && atom <= DW_OP_ne)))
        return false;
    struct element b = pop(e), a = pop(e);
    switch (atom) {
    case DW_OP_div:
    case DW_OP_mod:
        divide(e, a, b, atom == DW_OP_mod);
        return true;
    case DW_OP_and:
        bits = a.bits & b.bits;
        break;
    case DW_OP_or:
        bits = a.bits | b.bits;
        break;
    case DW_OP_xor:
        bits = a.bits ^ b.bits;
        break;
    case DW_OP_plus:
        bits = a.bits + b.bits;
        break;
    case DW_OP_minus:
        bits = a.bits - b.bits;
        break;
    case DW_OP_mul:
        bits = a.bits * b.bits;
        break;
    case DW_OP_shl:
    case DW_OP_shr:
    case DW_OP_shra:
        bits = shift(atom, a, b.bits);
        break;
    default:
        push(e, compare(atom, a, b));
        return true;
    }
    push_element(e, (struct element){bits, a.size, a.is_signed});
    return true;
}

static bool unary(struct evaluation *e, const Dwarf_Op *op)
{
    struct element a;
    switch (op->atom) {
    case DW_OP_abs:
        a = pop(e);
        if (extend(a) < 0)
            a.bits = 0 - a.bits;
        break;
    case DW_OP_neg:
        a = pop(e);
        a.bits = 0 - a.bits;
        break;
    case DW_OP_not:
        a = pop(e);
        a.bits = ~a.bits;
        break;
    case DW_OP_plus_uconst:
        a = pop(e);
        a.bits += op->number;
        break;
    default:
        return false;
    }
    push_element(e, a);
    return true;
}

static bool arrange(struct evaluation *e, const Dwarf_Op *op)
{
    struct element a, b, c;
    switch (op->atom) {
    case DW_OP_dup:
        push_element(e, pick(e, 0));
        return true;
    case DW_OP_drop:
        pop(e);
        return true;
    case DW_OP_over:
        push_element(e, pick(e, 1));
        return true;
    case DW_OP_pick:
        push_element(e, pick(e, op->number));
        return true;
    case DW_OP_swap:
        a = pop(e);
        b = pop(e);
        push_element(e, a);
        push_element(e, b);
        return true;
    case DW_OP_rot:
        a = pop(e);
        b = pop(e);
        c = pop(e);
        push_element(e, a);
        push_element(e, c);
        push_element(e, b);
        return true;
    case DW_OP_nop:
        return true;
    default:
        return false;
    }
}

/* Where the constant is all that there is, compilers mean 64 bits of it, though an address has 32. */
static bool constant(struct evaluation *e, const Dwarf_Op *op, bool is_value)
{
    uint8_t atom = op->atom;
    if (atom >= DW_OP_const1u && atom <= DW_OP_consts)
        push_element(e, (struct element){op->number, is_value ? 8 : 4, false});
    else if (atom == DW_OP_addr)
        push(e, op->number);
    else if (atom >= DW_OP_lit0 && atom <= DW_OP_lit31)
        push(e, atom - DW_OP_lit0);
    else if (atom == DW_OP_addrx || atom == DW_OP_GNU_addr_index || atom == DW_OP_constx ||
             atom == DW_OP_GNU_const_index)
        push(e, indexed(e, op));
    else
        return false;
    return true;
}

static void typed_constant(struct evaluation *e, const Dwarf_Op *op)
{
    Dwarf_Attribute attribute;
    Dwarf_Block block;
    struct element type;
    if (!base_type(e, op, &type) || dwarf_getlocation_attr(e->attribute, op, &attribute) != 0 ||
        dwarf_formblock(&attribute, &block) != 0 || block.length > 8) {
        e->is_bad = true;
        return;
    }
    type.bits = tg_get_le(block.data, (uint32_t)block.length);
    push_element(e, type);
}

static void convert(struct evaluation *e, const Dwarf_Op *op)
{
    struct element type, a = pop(e);
    if (!base_type(e, op, &type)) {
        e->is_bad = true;
        return;
    }
    type.bits = a.is_signed ? (uint64_t)extend(a) : a.bits;
    push_element(e, type);
}

static void dereference(struct evaluation *e, const Dwarf_Op *op)
{
    struct element type = {0, 4, false};
    uint64_t size = op->atom == DW_OP_deref ? 4 : op->number;
    uint32_t address = (uint32_t)pop(e).bits;
    bool is_typed = op->atom == DW_OP_deref_type || op->atom == DW_OP_GNU_deref_type;
    if (size == 0 || size > 8 || (is_typed && !base_type(e, op, &type))) {
        e->is_bad = true;
        return;
    }
    type.bits = read_memory(e, address, (unsigned)size);
    push_element(e, type);
}

static void name_register(struct evaluation *e, uint64_t number)
{
    e->place = TG_PLACE_REGISTER;
    e->number = (uint32_t)(number < 32 ? number : 0);
    if (number >= 32)
        lose(e, LOST);
}

static void implicit_value(struct evaluation *e, const Dwarf_Op *op)
{
    Dwarf_Block block;
    if (dwarf_getlocation_implicit_value(e->attribute, op, &block) != 0) {
        e->is_bad = true;
        return;
    }
    e->place = TG_PLACE_NONE;
    e->block = block.data;
    e->block_size = block.length;
}

static void other(struct evaluation *e, const Dwarf_Op *op)
{
    uint8_t atom = op->atom;
    struct element type;
    if (atom >= DW_OP_reg0 && atom <= DW_OP_reg31) {
        name_register(e, (uint64_t)atom - DW_OP_reg0);
    } else if (atom == DW_OP_regx) {
        name_register(e, op->number);
    } else if (atom >= DW_OP_breg0 && atom <= DW_OP_breg31) {
        push(e, read_register(e, (uint64_t)atom - DW_OP_breg0) + op->number);
    } else if (atom == DW_OP_bregx) {
        push(e, read_register(e, op->number) + op->number2);
    } else if (atom == DW_OP_fbreg) {
        push(e, frame_base(e) + op->number);
    } else if (atom == DW_OP_call_frame_cfa) {
        if (!e->scope->has_cfa)
            lose(e, LOST);
        push(e, e->scope->cfa);
    } else if (atom == DW_OP_stack_value) {
        e->place = TG_PLACE_NONE;
    } else if (atom == DW_OP_implicit_value) {
        implicit_value(e, op);
    } else if (atom == DW_OP_deref || atom == DW_OP_deref_size || atom == DW_OP_deref_type ||
               atom == DW_OP_GNU_deref_type) {
        dereference(e, op);
    } else if (atom == DW_OP_convert || atom == DW_OP_GNU_convert || atom == DW_OP_reinterpret ||
               atom == DW_OP_GNU_reinterpret) {
        convert(e, op);
    } else if (atom == DW_OP_const_type || atom == DW_OP_GNU_const_type) {
        typed_constant(e, op);
    } else if (atom == DW_OP_regval_type || atom == DW_OP_GNU_regval_type) {
        if (!base_type(e, op, &type))
            e->is_bad = true;
        type.bits = read_register(e, op->number);
        push_element(e, type);
    } else {
        /* entry values, which no frame here remembers; what has no place of its own; unknown ones
         */
        lose(e, LOST);
    }
}

/* Where a jump from operation index leads; count: to the end; it is bad beyond. */
static size_t jump_target(struct evaluation *e, const Dwarf_Op *ops, size_t count, size_t index)
{
    Dwarf_Word wanted = ops[index].offset + 3 + (Dwarf_Word)(int16_t)ops[index].number;
    for (size_t i = 0; i < count; i++)
        if (ops[i].offset == wanted)
            return i;
    e->is_bad = ops[count - 1].offset >= wanted;
    return count;
}

static bool is_piece(const Dwarf_Op *op)
{
    return op->atom == DW_OP_piece || op->atom == DW_OP_bit_piece;
}

/* Evaluates from operation *index on to the next piece or the end. */
static void evaluate(struct evaluation *e, const Dwarf_Op *ops, size_t count, size_t *index)
{
    e->place = TG_PLACE_MEMORY;
    e->block = NULL;
    e->result = DONE;
    while (*index < count && !is_piece(&ops[*index]) && !e->is_bad) {
        const Dwarf_Op *op = &ops[*index];
        if (e->steps++ == MAX_STEPS) {
            e->is_bad = true;
            return;
        }
        if (op->atom == DW_OP_skip || (op->atom == DW_OP_bra && pop(e).bits != 0)) {
            *index = jump_target(e, ops, count, *index);
            continue;
        }
        bool is_value = *index + 1 < count && op[1].atom == DW_OP_stack_value;
        if (op->atom != DW_OP_bra && !constant(e, op, is_value) && !binary(e, op->atom) && !unary(e, op) &&
            !arrange(e, op))
            other(e, op);
        ++*index;
    }
}

/* The expression that holds at the scope's address; 0 operations: it has none there. */
static bool find_expression(const struct evaluation *e, Dwarf_Attribute *attribute,
                            Dwarf_Op **ret_ops, size_t *ret_count)
{
    return dwarf_getlocation_addr(attribute, e->scope->lookup, ret_ops, ret_count, 1) > 0 &&
           *ret_count != 0;
}

static enum result evaluate_attribute(struct evaluation *e, Dwarf_Attribute *attribute)
{
    Dwarf_Op *ops;
    size_t count, index = 0;
    e->attribute = attribute;
    if (!find_expression(e, attribute, &ops, &count))
        return LOST;
    evaluate(e, ops, count, &index);
    return e->is_bad || index != count ? LOST : e->result;
}

/* --- Values ----------------------------------------------------------------------------------- */

/* The bytes of the piece at hand; false: they cannot be had. */
static bool piece_bytes(struct evaluation *e, uint8_t *bytes, size_t size)
{
    if (e->result != DONE)
        return false;
    if (e->place == TG_PLACE_REGISTER) {
        tg_put_le(bytes, 4, read_register(e, e->number));
        return e->result == DONE && size <= 4;
    }
    if (e->place == TG_PLACE_NONE && e->block != NULL) {
        memcpy(bytes, e->block, e->block_size < size ? e->block_size : size);
        return e->block_size >= size;
    }
    struct element top = pop(e);
    if (e->place == TG_PLACE_NONE) {
        tg_put_le(bytes, 8, top.is_signed ? (uint64_t)extend(top) : top.bits);
        return !e->is_bad && size <= 8;
    }
    return !e->is_bad && e->scope->read_memory != NULL &&
           e->scope->read_memory(e->scope->context, (uint32_t)top.bits, bytes, size);
}

static void put_piece(struct evaluation *e, const Dwarf_Op *op, size_t at, size_t size,
                      struct tg_value *value)
{
    uint8_t bytes[TG_VALUE_BYTES] = {0};
    bool is_empty = e->count == 0 && e->place == TG_PLACE_MEMORY; /* a piece without a place */
    if (op->atom == DW_OP_bit_piece && (op->number % 8 != 0 || op->number2 != 0))
        return; /* no compiler for this machine makes these */
    if (at >= TG_VALUE_BYTES || is_empty)
        return;
    size_t kept = size < TG_VALUE_BYTES - at ? size : TG_VALUE_BYTES - at;
    if (!piece_bytes(e, bytes, kept))
        return;
    memcpy(value->bytes + at, bytes, kept);
    for (size_t i = at; i < at + kept; i++)
        value->known |= UINT64_C(1) << i;
}

static void put_pieces(struct evaluation *e, const Dwarf_Op *ops, size_t count, size_t index,
                       struct tg_value *value)
{
    size_t at = 0;
    value->place = TG_PLACE_NONE;
    while (index < count && !e->is_bad) {
        const Dwarf_Op *op = &ops[index];
        size_t size = op->atom == DW_OP_piece ? op->number : op->number / 8;
        if (size > UINT32_MAX)
            break;
        put_piece(e, op, at, size, value);
        at += size;
        e->count = 0;
        index++;
        if (index < count)
            evaluate(e, ops, count, &index);
    }
    value->is_lost = value->known == 0;
}

static uint64_t all_bytes(size_t size)
{
    return size >= 64 ? UINT64_MAX : (UINT64_C(1) << size) - 1;
}

/* A place without pieces. */
static void put_whole(struct evaluation *e, struct tg_value *value)
{
    uint32_t size = tg_type_size(value->type);
    uint8_t bytes[TG_VALUE_BYTES] = {0};
    if (e->is_bad || e->result != DONE ||
        (e->place != TG_PLACE_REGISTER && e->block == NULL && e->count == 0)) {
        value->is_lost = e->is_bad || e->result != UNREADABLE;
        value->is_unreadable = !value->is_lost;
        return;
    }
    if (e->place == TG_PLACE_MEMORY) {
        *value = tg_value_at(e->scope, value->type, (uint32_t)pop(e).bits);
        return;
    }
    value->place = e->place;
    value->address = e->number;
    size_t kept = size < TG_VALUE_BYTES ? size : TG_VALUE_BYTES;
    if (e->place == TG_PLACE_REGISTER && kept > 4)
        kept = 4;
    value->is_lost = !piece_bytes(e, bytes, kept);
    memcpy(value->bytes, bytes, kept);
    value->known = value->is_lost ? 0 : all_bytes(kept);
}

static void put_constant(Dwarf_Attribute *attribute, struct tg_value *value)
{
    uint32_t size = tg_type_size(value->type);
    Dwarf_Block block;
    Dwarf_Sword number;
    Dwarf_Word word;
    size_t kept = size < TG_VALUE_BYTES ? size : TG_VALUE_BYTES;
    value->known = all_bytes(kept);
    unsigned form = dwarf_whatform(attribute);
    if ((form == DW_FORM_sdata || form == DW_FORM_implicit_const) &&
        dwarf_formsdata(attribute, &number) == 0) {
        tg_put_le(value->bytes, 8, (uint64_t)number);
    } else if (dwarf_formudata(attribute, &word) == 0) {
        tg_put_le(value->bytes, 8, word);
    } else if (dwarf_formblock(attribute, &block) == 0 && block.length >= kept) {
        memcpy(value->bytes, block.data, kept);
    } else {
        value->is_lost = true;
        value->known = 0;
    }
}

void tg_value_of_die(const struct tg_scope *scope, struct tg_program *program, Dwarf_Die *die,
                     Dwarf_Die *function, struct tg_value *ret_value)
{
    struct evaluation e = {.scope = scope, .program = program, .function = function};
    Dwarf_Attribute attribute;
    Dwarf_Op *ops;
    size_t count, index = 0;
    *ret_value = (struct tg_value){.type = tg_type_of_attribute(program, die)};
    if (dwarf_attr_integrate(die, DW_AT_const_value, &attribute) != NULL) {
        put_constant(&attribute, ret_value);
        return;
    }
    if (dwarf_attr_integrate(die, DW_AT_location, &attribute) == NULL ||
        !find_expression(&e, &attribute, &ops, &count)) {
        ret_value->is_lost = true;
        return;
    }
    e.attribute = &attribute;
    evaluate(&e, ops, count, &index);
    if (index < count && !e.is_bad)
        put_pieces(&e, ops, count, index, ret_value);
    else
        put_whole(&e, ret_value);
}
