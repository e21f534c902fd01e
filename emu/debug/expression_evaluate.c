/*
 * Expressions: from a tree to a value. See expression.h. C's rules for numbers; places are carried
 * along so that members of members and assignments find them. The depth of the tree bounds the
 * recursion.
 */
#include <string.h>

#include "core/bytes.h"
#include "debug/expression_operate.h"
#include "debug/program_internal.h"

/* --- Reading ---------------------------------------------------------------------------------- */

static bool read_place(const struct tg_scope *scope, enum tg_place_kind place, uint32_t address,
                       void *bytes, size_t size)
{
    bool (*read)(void *, uint32_t, void *, size_t) =
        place == TG_PLACE_PHYSICAL ? scope->read_physical : scope->read_memory;
    return read != NULL && read(scope->context, address, bytes, size);
}

static struct tg_value value_in(const struct tg_scope *scope, enum tg_place_kind place,
                                struct tg_type type, uint32_t address)
{
    struct tg_value value = {.type = type, .place = place, .address = address};
    uint32_t size = tg_type_size(type);
    if (size == 0 || size > TG_VALUE_BYTES)
        return value;
    value.is_unreadable = !read_place(scope, place, address, value.bytes, size);
    value.known = value.is_unreadable ? 0 : tg_all_bytes(size);
    return value;
}

static struct tg_value bits_in(const struct tg_scope *scope, enum tg_place_kind place,
                               const struct tg_member *member, uint32_t address)
{
    struct tg_value value = {.type = member->type,
                             .place = place,
                             .address = address,
                             .bit_offset = member->bit_offset,
                             .bit_size = member->bit_size};
    uint8_t bytes[16] = {0};
    size_t size = (size_t)(member->bit_offset + member->bit_size + 7u) / 8;
    value.is_unreadable = !read_place(scope, place, address, bytes, size);
    uint64_t bits = tg_get_le(bytes, 8) >> member->bit_offset;
    if (member->bit_offset != 0)
        bits |= (uint64_t)bytes[8] << (64 - member->bit_offset);
    if (member->bit_size < 64)
        bits &= (UINT64_C(1) << member->bit_size) - 1;
    tg_put_le(value.bytes, 8, bits);
    value.known = value.is_unreadable ? 0 : tg_all_bytes(8);
    return value;
}

/* A part of a value that has no address. */
static struct tg_value part_of(const struct tg_value *whole, const struct tg_member *member)
{
    struct tg_value value = {.type = member->type, .bit_size = member->bit_size};
    uint32_t size = tg_type_size(member->type);
    if (member->bit_size != 0)
        size = (member->bit_offset + member->bit_size + 7u) / 8;
    value.is_unreadable = whole->is_unreadable;
    if (size == 0 || size > TG_VALUE_BYTES || member->offset > TG_VALUE_BYTES - size) {
        value.is_lost = !value.is_unreadable;
        return value;
    }
    memcpy(value.bytes, whole->bytes + member->offset, size);
    value.known = whole->known >> member->offset & tg_all_bytes(size);
    if (member->bit_size != 0) {
        value.is_lost = value.known != tg_all_bytes(size) || size > 8;
        tg_put_le(value.bytes, 8, tg_get_le(value.bytes, 8) >> member->bit_offset);
        value.known = tg_all_bytes(8);
    }
    value.is_lost = value.is_lost || value.known == 0;
    return value;
}

static struct tg_value member_of(const struct tg_evaluation *e, const struct tg_value *whole,
                                 const struct tg_member *member)
{
    if (whole->place != TG_PLACE_MEMORY && whole->place != TG_PLACE_PHYSICAL)
        return part_of(whole, member);
    uint32_t address = whole->address + member->offset;
    if (member->bit_size != 0)
        return bits_in(e->scope, whole->place, member, address);
    return value_in(e->scope, whole->place, member->type, address);
}

/* --- Names ------------------------------------------------------------------------------------ */

static struct tg_value register_value(const struct tg_evaluation *e, unsigned number)
{
    struct tg_type type = tg_type_of(TG_PLAIN_INT);
    uint32_t word = e->scope->pc;
    if (number == TG_PLACE_PC || number == 1)
        type = tg_type_pointer_to(tg_type_of(TG_PLAIN_CODE));
    else if (number == 2)
        type = tg_type_pointer_to(tg_type_of(TG_PLAIN_VOID));
    bool is_known =
        number == TG_PLACE_PC || (e->scope->read_register != NULL &&
                                  e->scope->read_register(e->scope->context, number, &word));
    struct tg_value value = tg_value_of(type, is_known ? word : 0);
    value.place = TG_PLACE_REGISTER;
    value.address = number;
    value.is_lost = !is_known;
    return value;
}

static bool find_register(const struct tg_evaluation *e, const char *name, size_t length,
                          struct tg_value *ret_value)
{
    int number = tg_register_by_name(name, length), creg = tg_creg_by_name(name, length);
    uint32_t word = 0;
    if (length == 2 && memcmp(name, "pc", 2) == 0)
        number = TG_PLACE_PC;
    if (number >= 0) {
        *ret_value = register_value(e, (unsigned)number);
        return true;
    }
    if (creg < 0 || e->scope->read_creg == NULL)
        return false;
    bool is_known = e->scope->read_creg(e->scope->context, (unsigned)creg, &word);
    *ret_value = tg_value_of(tg_type_of(TG_PLAIN_UNSIGNED), word);
    ret_value->place = TG_PLACE_CREG;
    ret_value->address = (uint32_t)creg;
    ret_value->is_lost = !is_known;
    return true;
}

static struct tg_value function_value(struct tg_program *program, uint32_t entry)
{
    struct tg_value value = {
        .type = tg_type_of(TG_PLAIN_CODE), .place = TG_PLACE_MEMORY, .address = entry};
    const struct tg_function_row *row = tg_function_row(program, entry);
    Dwarf_Die die;
    if (row != NULL && dwarf_offdie(program->dwarf, row->die, &die) != NULL)
        value.type = tg_type_of_die(program, &die);
    return value;
}

/* A symbol without a type: a number of its size, or bytes. */
static struct tg_value symbol_value(const struct tg_evaluation *e,
                                    const struct tg_program_symbol *symbol)
{
    static const enum tg_plain_type plain[] = {[1] = TG_PLAIN_U8,
                                               [2] = TG_PLAIN_U16,
                                               [4] = TG_PLAIN_UNSIGNED,
                                               [8] = TG_PLAIN_UNSIGNED_LONG_LONG};
    uint32_t size = symbol->size_bytes;
    struct tg_type type = tg_type_of(TG_PLAIN_UNSIGNED);
    if (symbol->kind == TG_SYMBOL_ABSOLUTE)
        return tg_value_of(type, symbol->address);
    if (symbol->is_code)
        return (struct tg_value){.type = tg_type_of(TG_PLAIN_CODE),
                                 .place = TG_PLACE_MEMORY,
                                 .address = symbol->address};
    if (size == 1 || size == 2 || size == 8) {
        type = tg_type_of(plain[size]);
    } else if (size > 4) {
        type = tg_type_of(size % 4 == 0 ? TG_PLAIN_UNSIGNED : TG_PLAIN_U8);
        type.count = size % 4 == 0 ? size / 4 : size;
    }
    return tg_value_at(e->scope, type, symbol->address);
}

static bool find_in_program(const struct tg_evaluation *e, struct tg_program *program,
                            const char *name, struct tg_value *ret_value)
{
    struct tg_function function;
    struct tg_program_symbol symbol;
    if (program == NULL)
        return false;
    if (tg_program_function(program, name, 0, &function) && function.has_variables) {
        *ret_value = function_value(program, function.entry);
        return true;
    }
    if (!tg_program_symbol(program, name, &symbol))
        return false;
    *ret_value = symbol_value(e, &symbol);
    return true;
}

/* --- Names that are unknown ------------------------------------------------------------------- */

struct nearest {
    const char *wanted, *found;
    unsigned limit;
};

static bool compare_variable(void *context, const struct tg_variable *variable)
{
    struct nearest *nearest = context;
    unsigned far = tg_name_distance(nearest->wanted, variable->name, nearest->limit);
    if (nearest->limit != 0 && far <= nearest->limit) {
        nearest->found = variable->name;
        nearest->limit = far - (far != 0);
    }
    return true;
}

static bool fail_unknown(const struct tg_evaluation *e, const struct tg_node *node)
{
    struct nearest nearest = {node->name, NULL, tg_name_likeness(node->name_length)};
    tg_scope_variables(e->scope, compare_variable, &nearest);
    if (nearest.found == NULL && e->scope->program != NULL)
        nearest.found = tg_program_nearest(e->scope->program, node->name);
    for (size_t i = 0; i < e->scope->other_count && nearest.found == NULL; i++)
        nearest.found = tg_program_nearest(e->scope->others[i], node->name);
    if (nearest.found == NULL)
        return tg_evaluation_fail(
            e, node, "there is no variable, symbol or register \"%.80s\" here", node->name);
    if (strcmp(nearest.found, node->name) == 0)
        return tg_evaluation_fail(
            e, node, "\"%.80s\" has no address here: every use of it is inlined, or of no effect",
            node->name);
    return tg_evaluation_fail(
        e, node, "there is no variable, symbol or register \"%.80s\" here; did you mean \"%.80s\"?",
        node->name, nearest.found);
}

static bool evaluate_name(const struct tg_evaluation *e, const struct tg_node *node,
                          struct tg_value *ret_value)
{
    if (tg_scope_variable(e->scope, node->name, node->name_length, ret_value) ||
        find_in_program(e, e->scope->program, node->name, ret_value))
        return true;
    for (size_t i = 0; i < e->scope->other_count; i++)
        if (find_in_program(e, e->scope->others[i], node->name, ret_value))
            return true;
    return find_register(e, node->name, node->name_length, ret_value) || fail_unknown(e, node);
}

static bool evaluate_dollar(const struct tg_evaluation *e, const struct tg_node *node,
                            struct tg_value *ret_value)
{
    if (find_register(e, node->name, node->name_length, ret_value))
        return true;
    if (e->scope->read_variable != NULL &&
        e->scope->read_variable(e->scope->context, node->name, node->name_length, ret_value))
        return true;
    return tg_evaluation_fail(e, node, "there is no register or value \"$%.80s\"", node->name);
}

/* --- Parts that are evaluated ----------------------------------------------------------------- */

static bool evaluate(const struct tg_evaluation *e, uint16_t index, struct tg_value *ret_value);

static bool evaluate_number(const struct tg_evaluation *e, uint16_t index,
                            struct tg_number *ret_number)
{
    struct tg_value value;
    return evaluate(e, index, &value) &&
           tg_number_of_value(e, tg_evaluation_node(e, index), &value, ret_number);
}

/* --- Strings ---------------------------------------------------------------------------------- */

/* Whether the characters of value, an array or a pointer, are text and then end. */
static bool is_string(const struct tg_evaluation *e, const struct tg_node *node,
                      const struct tg_value *value, const struct tg_node *text, bool *ret_is)
{
    struct tg_type plain = tg_type_plain(value->type);
    bool is_array = tg_type_kind(plain) == TG_TYPE_ARRAY;
    uint32_t most = is_array ? tg_type_count(plain) : UINT32_MAX, address = value->address;
    bool is_kept = is_array && value->place != TG_PLACE_MEMORY && value->place != TG_PLACE_PHYSICAL;
    int64_t pointer;
    if ((!is_array && tg_type_kind(plain) != TG_TYPE_POINTER) ||
        tg_type_size(tg_type_target(plain)) != 1)
        return tg_evaluation_fail_kind(e, node, "a string", value->type);
    if (!is_array) {
        if (!tg_value_number(value, &pointer))
            return tg_evaluation_fail_lost(e, node, value);
        address = (uint32_t)pointer;
    }
    *ret_is = true;
    for (uint32_t i = 0; *ret_is && i <= text->name_length && i < most; i++) {
        uint8_t byte;
        if (is_kept ? i >= TG_VALUE_BYTES || (value->known >> i & 1) == 0
                    : !read_place(e->scope, is_array ? value->place : TG_PLACE_MEMORY, address + i,
                                  &byte, 1))
            return tg_evaluation_fail(e, node, "the string at 0x%x cannot be read", address);
        if (is_kept)
            byte = value->bytes[i];
        *ret_is = byte == (uint8_t)text->name[i];
    }
    *ret_is = *ret_is && text->name_length <= most;
    return true;
}

static bool compare_text(const struct tg_evaluation *e, const struct tg_node *node,
                         struct tg_value *ret_value)
{
    bool is_left = tg_evaluation_node(e, node->a)->kind == TG_NODE_TEXT, is;
    const struct tg_node *text = tg_evaluation_node(e, is_left ? node->a : node->b);
    const struct tg_node *other = tg_evaluation_node(e, is_left ? node->b : node->a);
    struct tg_value value;
    if (node->op != TG_OP_EQUAL && node->op != TG_OP_UNEQUAL)
        return tg_evaluation_fail(e, text, "a text can only be compared, with == or !=");
    if (!evaluate(e, is_left ? node->b : node->a, &value) ||
        !is_string(e, other, &value, text, &is))
        return false;
    *ret_value = tg_number_truth(is == (node->op == TG_OP_EQUAL));
    return true;
}

/* --- Nodes ------------------------------------------------------------------------------------ */

static bool evaluate_repeat(const struct tg_evaluation *e, const struct tg_node *node,
                            struct tg_value *ret_value)
{
    struct tg_value first;
    struct tg_number count;
    if (!evaluate(e, node->a, &first) || !evaluate_number(e, node->b, &count))
        return false;
    if (first.place != TG_PLACE_MEMORY && first.place != TG_PLACE_PHYSICAL)
        return tg_evaluation_fail(e, tg_evaluation_node(e, node->a),
                                  "%.60s is not in memory: @ needs a place to begin",
                                  tg_node_words(tg_evaluation_node(e, node->a)));
    if (count.is_float || count.is_pointer || count.bits == 0 || count.bits > 0x1000000)
        return tg_evaluation_fail(e, tg_evaluation_node(e, node->b),
                                  "expected a number of elements, 1 to 16777216");
    struct tg_type type = first.type;
    if (type.count != 0 || first.bit_size != 0)
        return tg_evaluation_fail(e, node, "@ cannot repeat this");
    type.count = (uint32_t)count.bits;
    *ret_value = value_in(e->scope, first.place, type, first.address);
    return true;
}

static bool evaluate_binary(const struct tg_evaluation *e, const struct tg_node *node,
                            struct tg_value *ret_value)
{
    struct tg_number a, b;
    if (node->op == TG_OP_COMMA) {
        struct tg_value unused;
        return evaluate(e, node->a, &unused) && evaluate(e, node->b, ret_value);
    }
    if (node->op == TG_OP_REPEAT)
        return evaluate_repeat(e, node, ret_value);
    if (tg_evaluation_node(e, node->a)->kind == TG_NODE_TEXT ||
        tg_evaluation_node(e, node->b)->kind == TG_NODE_TEXT)
        return compare_text(e, node, ret_value);
    if (!evaluate_number(e, node->a, &a))
        return false;
    if (node->op == TG_OP_LOGICAL_AND || node->op == TG_OP_LOGICAL_OR) {
        bool is = tg_number_is_true(&a);
        if (is == (node->op == TG_OP_LOGICAL_AND)) {
            if (!evaluate_number(e, node->b, &b))
                return false;
            is = tg_number_is_true(&b);
        }
        *ret_value = tg_number_truth(is);
        return true;
    }
    return evaluate_number(e, node->b, &b) && tg_number_operate(e, node, &a, &b, ret_value);
}

static bool address_of(const struct tg_evaluation *e, const struct tg_node *node,
                       struct tg_value *ret_value)
{
    const struct tg_node *operand = tg_evaluation_node(e, node->a);
    struct tg_value value;
    if (!evaluate(e, node->a, &value))
        return false;
    if (value.bit_size != 0)
        return tg_evaluation_fail(e, operand, "%.60s is a bit-field, which has no address",
                                  tg_node_words(operand));
    switch (value.place) {
    case TG_PLACE_MEMORY:
        *ret_value = tg_value_of(tg_type_pointer_to(value.type), value.address);
        return true;
    case TG_PLACE_PHYSICAL:
        *ret_value = tg_value_of(tg_type_of(TG_PLAIN_UNSIGNED), value.address);
        return true;
    case TG_PLACE_REGISTER:
        return tg_evaluation_fail(e, operand, "%.60s is in register %s, which has no address",
                                  tg_node_words(operand),
                                  value.address < 32 ? tg_register_name(value.address) : "pc");
    default:
        return tg_evaluation_fail(e, operand, "%.60s has no address", tg_node_words(operand));
    }
}

static bool dereference(const struct tg_evaluation *e, const struct tg_node *node, bool is_physical,
                        struct tg_value *ret_value)
{
    const struct tg_node *operand = tg_evaluation_node(e, node->a);
    struct tg_number pointer;
    if (!evaluate_number(e, node->a, &pointer))
        return false;
    struct tg_type type = pointer.pointed;
    if (!pointer.is_pointer) {
        if (pointer.is_float)
            return tg_evaluation_fail(e, operand,
                                      "expected an address, found a floating-point number");
        type = tg_type_of(is_physical ? TG_PLAIN_UNSIGNED : TG_PLAIN_INT);
    }
    enum tg_type_kind kind = tg_type_kind(tg_type_plain(type));
    if (kind == TG_TYPE_VOID || kind == TG_TYPE_UNKNOWN)
        return tg_evaluation_fail(e, operand,
                                  "a void * does not say what it points to; write *(TYPE *)");
    if ((int64_t)pointer.bits > UINT32_MAX || (int64_t)pointer.bits < INT32_MIN)
        return tg_evaluation_fail(e, operand, "an address has 32 bits");
    *ret_value = value_in(e->scope, is_physical ? TG_PLACE_PHYSICAL : TG_PLACE_MEMORY, type,
                          (uint32_t)pointer.bits);
    return true;
}

static bool evaluate_unary(const struct tg_evaluation *e, const struct tg_node *node,
                           struct tg_value *ret_value)
{
    struct tg_number a;
    if (node->op == TG_OP_AND)
        return address_of(e, node, ret_value);
    if (node->op == TG_OP_MULTIPLY)
        return dereference(e, node, false, ret_value);
    if (!evaluate_number(e, node->a, &a))
        return false;
    if (node->op == TG_OP_NOT) {
        *ret_value = tg_number_truth(!tg_number_is_true(&a));
        return true;
    }
    if (a.is_float && node->op == TG_OP_INVERT)
        return tg_evaluation_fail(e, node, "this operator is not for floating-point numbers");
    if (a.is_float) {
        *ret_value = tg_number_from_real(node->op == TG_OP_SUBTRACT ? -a.real : a.real);
        return true;
    }
    if (a.is_pointer)
        a.type = tg_type_of(TG_PLAIN_UNSIGNED);
    uint64_t bits = node->op == TG_OP_SUBTRACT ? 0 - a.bits
                    : node->op == TG_OP_INVERT ? ~a.bits
                                               : a.bits;
    *ret_value = tg_value_of(a.type, bits);
    return true;
}

static bool evaluate_member(const struct tg_evaluation *e, const struct tg_node *node,
                            struct tg_value *ret_value)
{
    const struct tg_node *operand = tg_evaluation_node(e, node->a);
    struct tg_value whole;
    struct tg_member member;
    char name[100];
    if (!evaluate(e, node->a, &whole))
        return false;
    if (tg_type_kind(tg_type_plain(whole.type)) == TG_TYPE_POINTER) {
        int64_t address;
        if (!tg_value_number(&whole, &address))
            return tg_evaluation_fail_lost(e, operand, &whole);
        struct tg_type target = tg_type_target(tg_type_plain(whole.type));
        whole = (struct tg_value){
            .type = target, .place = TG_PLACE_MEMORY, .address = (uint32_t)address};
    }
    enum tg_type_kind kind = tg_type_kind(tg_type_plain(whole.type));
    if (kind != TG_TYPE_STRUCT && kind != TG_TYPE_UNION)
        return tg_evaluation_fail_kind(e, operand, "a struct, a union or a pointer to one",
                                       whole.type);
    if (!tg_type_member_named(whole.type, node->name, node->name_length, &member))
        return tg_evaluation_fail(e, node, "%s has no member \"%.80s\"",
                                  tg_type_name(whole.type, name, sizeof name), node->name);
    if (whole.is_lost)
        return tg_evaluation_fail_lost(e, operand, &whole);
    *ret_value = member_of(e, &whole, &member);
    return true;
}

static bool evaluate_index(const struct tg_evaluation *e, const struct tg_node *node,
                           struct tg_value *ret_value)
{
    struct tg_value whole;
    struct tg_number base, index;
    if (!evaluate(e, node->a, &whole) || !evaluate_number(e, node->b, &index))
        return false;
    if (index.is_float || index.is_pointer)
        return tg_evaluation_fail(e, tg_evaluation_node(e, node->b),
                                  "expected a whole number as index");
    struct tg_type plain = tg_type_plain(whole.type);
    if (tg_type_kind(plain) == TG_TYPE_ARRAY && !whole.is_lost) {
        struct tg_type element = tg_type_target(plain);
        struct tg_member member = {.type = element,
                                   .offset = (uint32_t)index.bits * tg_type_size(element)};
        *ret_value = member_of(e, &whole, &member);
        return true;
    }
    if (!tg_number_of_value(e, tg_evaluation_node(e, node->a), &whole, &base))
        return false;
    if (!base.is_pointer)
        return tg_evaluation_fail_kind(e, tg_evaluation_node(e, node->a), "an array or pointer",
                                       whole.type);
    enum tg_type_kind kind = tg_type_kind(tg_type_plain(base.pointed));
    if (kind == TG_TYPE_VOID || kind == TG_TYPE_FUNCTION || kind == TG_TYPE_UNKNOWN)
        return tg_evaluation_fail_kind(e, tg_evaluation_node(e, node->a),
                                       "a pointer to what has a size", whole.type);
    *ret_value = value_in(e->scope, TG_PLACE_MEMORY, base.pointed,
                          (uint32_t)base.bits + (uint32_t)index.bits * tg_number_step(&base));
    return true;
}

static bool evaluate_cast(const struct tg_evaluation *e, const struct tg_node *node,
                          struct tg_value *ret_value)
{
    enum tg_type_kind kind = tg_type_kind(tg_type_plain(node->type));
    struct tg_value value;
    struct tg_number number;
    if (!evaluate(e, node->a, &value))
        return false;
    if (kind == TG_TYPE_STRUCT || kind == TG_TYPE_UNION || kind == TG_TYPE_ARRAY) {
        /* what C forbids: the same place as another type, as gdb has it */
        if (value.place != TG_PLACE_MEMORY && value.place != TG_PLACE_PHYSICAL)
            return tg_evaluation_fail(
                e, tg_evaluation_node(e, node->a),
                "%.60s is not in memory: it cannot be looked at as another type",
                tg_node_words(tg_evaluation_node(e, node->a)));
        *ret_value = value_in(e->scope, value.place, node->type, value.address);
        return true;
    }
    if (kind == TG_TYPE_VOID) {
        *ret_value = (struct tg_value){.type = node->type};
        return true;
    }
    return tg_number_of_value(e, tg_evaluation_node(e, node->a), &value, &number) &&
           tg_number_convert(e, node, &number, node->type, ret_value);
}

static bool evaluate_choice(const struct tg_evaluation *e, const struct tg_node *node,
                            struct tg_value *ret_value)
{
    struct tg_number test;
    return evaluate_number(e, node->a, &test) &&
           evaluate(e, tg_number_is_true(&test) ? node->b : node->c, ret_value);
}

static bool evaluate(const struct tg_evaluation *e, uint16_t index, struct tg_value *ret_value)
{
    const struct tg_node *node = tg_evaluation_node(e, index);
    switch (node->kind) {
    case TG_NODE_NUMBER:
        *ret_value = tg_value_of(node->type, node->number);
        return true;
    case TG_NODE_TEXT:
        return tg_evaluation_fail(e, node, "a text can only be compared, with == or !=");
    case TG_NODE_NAME:
        return evaluate_name(e, node, ret_value);
    case TG_NODE_DOLLAR:
        return evaluate_dollar(e, node, ret_value);
    case TG_NODE_UNARY:
        return evaluate_unary(e, node, ret_value);
    case TG_NODE_PHYSICAL:
        return dereference(e, node, true, ret_value);
    case TG_NODE_BINARY:
        return evaluate_binary(e, node, ret_value);
    case TG_NODE_CHOICE:
        return evaluate_choice(e, node, ret_value);
    case TG_NODE_MEMBER:
        return evaluate_member(e, node, ret_value);
    case TG_NODE_INDEX:
        return evaluate_index(e, node, ret_value);
    case TG_NODE_CAST:
        return evaluate_cast(e, node, ret_value);
    case TG_NODE_SIZEOF: {
        struct tg_value value;
        if (!evaluate(e, node->a, &value))
            return false;
        *ret_value = tg_value_of(tg_type_of(TG_PLAIN_UNSIGNED), tg_type_size(value.type));
        return true;
    }
    default:
        return tg_evaluation_fail(e, node, "an assignment can only be the whole expression");
    }
}

/* --- Assignments ------------------------------------------------------------------------------ */

/* $name that is no register is a person's own variable, which need not exist yet. */
static bool find_target(const struct tg_evaluation *e, const struct tg_node *node, bool is_plain,
                        struct tg_value *ret_target)
{
    const struct tg_node *operand = tg_evaluation_node(e, node->a);
    if (operand->kind != TG_NODE_DOLLAR ||
        find_register(e, operand->name, operand->name_length, ret_target)) {
        if (!evaluate(e, node->a, ret_target))
            return false;
        if (ret_target->place == TG_PLACE_NONE)
            return ret_target->is_lost || ret_target->is_unreadable
                       ? tg_evaluation_fail_lost(e, operand, ret_target)
                       : tg_evaluation_fail(e, operand, "%.60s cannot be assigned to",
                                            tg_node_words(operand));
        return true;
    }
    bool is_number = operand->name_length == 0 ||
                     (operand->name[0] >= '0' && operand->name[0] <= '9') ||
                     operand->name[0] == '$';
    if (is_number || operand->name_length >= TG_VALUE_NAME)
        return tg_evaluation_fail(e, operand, "$%.60s cannot be assigned to", operand->name);
    *ret_target = (struct tg_value){.type = tg_type_of(TG_PLAIN_VOID)};
    if (!is_plain && !evaluate(e, node->a, ret_target))
        return false;
    ret_target->place = TG_PLACE_VARIABLE;
    memcpy(ret_target->name, operand->name, operand->name_length + 1u);
    return true;
}

static bool evaluate_assignment(const struct tg_evaluation *e, const struct tg_node *node,
                                struct tg_value *ret_value)
{
    struct tg_value target, value;
    struct tg_number a, b;
    bool is_plain = node->op == TG_OP_NONE;
    if (!find_target(e, node, is_plain, &target))
        return false;
    if (!is_plain) {
        if (!tg_number_of_value(e, tg_evaluation_node(e, node->a), &target, &a) ||
            !evaluate_number(e, node->b, &b) || !tg_number_operate(e, node, &a, &b, &value))
            return false;
    } else if (!evaluate(e, node->b, &value)) {
        return false;
    }
    if (target.place == TG_PLACE_VARIABLE) {
        if (value.is_lost || value.is_unreadable)
            return tg_evaluation_fail_lost(e, tg_evaluation_node(e, node->b), &value);
        *ret_value = value;
        ret_value->place = TG_PLACE_VARIABLE;
        memcpy(ret_value->name, target.name, sizeof target.name);
        return true;
    }
    enum tg_type_kind kind = tg_type_kind(tg_type_plain(target.type));
    if (kind == TG_TYPE_STRUCT || kind == TG_TYPE_UNION || kind == TG_TYPE_ARRAY ||
        kind == TG_TYPE_FUNCTION)
        return tg_evaluation_fail_kind(e, tg_evaluation_node(e, node->a), "a number or pointer",
                                       target.type);
    if (!tg_number_of_value(e, tg_evaluation_node(e, node->b), &value, &b) ||
        !tg_number_convert(e, node, &b, target.type, ret_value))
        return false;
    ret_value->place = target.place;
    ret_value->address = target.address;
    ret_value->bit_offset = target.bit_offset;
    ret_value->bit_size = target.bit_size;
    return true;
}

/* --- Interface -------------------------------------------------------------------------------- */

int tg_expression_evaluate(struct tg_expression *expression, const struct tg_scope *scope,
                           struct tg_value *ret_value, struct tg_expression_error *ret_error)
{
    struct tg_evaluation e = {expression, scope, ret_error};
    const struct tg_node *root = tg_evaluation_node(&e, expression->root);
    struct tg_value value;
    bool is_done = root->kind == TG_NODE_ASSIGN ? evaluate_assignment(&e, root, &value)
                                                : evaluate(&e, expression->root, &value);
    if (!is_done)
        return TG_E_FORMAT;
    *ret_value = value;
    return TG_OK;
}

int tg_expression_test(struct tg_expression *expression, const struct tg_scope *scope,
                       bool *ret_is_true, struct tg_expression_error *ret_error)
{
    struct tg_evaluation e = {expression, scope, ret_error};
    struct tg_value value;
    struct tg_number number;
    int result = tg_expression_evaluate(expression, scope, &value, ret_error);
    if (result != TG_OK)
        return result;
    if (!tg_number_of_value(&e, tg_evaluation_node(&e, expression->root), &value, &number))
        return TG_E_FORMAT;
    *ret_is_true = tg_number_is_true(&number);
    return TG_OK;
}
