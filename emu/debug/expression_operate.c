/*
 * Numbers of expressions: C's promotions, conversions and operators, and the words for what they
 * cannot do. See expression.h.
 */
#include "debug/expression_operate.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/bytes.h"

/* --- Errors ----------------------------------------------------------------------------------- */

__attribute__((format(printf, 3, 4))) bool tg_evaluation_fail(const struct tg_evaluation *e,
                                                              const struct tg_node *node,
                                                              const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    if (e->error != NULL) {
        e->error->column = node->column;
        e->error->length = node->length;
        vsnprintf(e->error->text, sizeof e->error->text, format, arguments);
    }
    va_end(arguments);
    return false;
}

const struct tg_node *tg_evaluation_node(const struct tg_evaluation *e, uint16_t index)
{
    return &e->expression->nodes[index];
}

/* The words of a node for messages: its name, or "this". */
const char *tg_node_words(const struct tg_node *node)
{
    bool has_name =
        node->kind == TG_NODE_NAME || node->kind == TG_NODE_MEMBER || node->kind == TG_NODE_DOLLAR;
    return has_name ? node->name : "this";
}

bool tg_evaluation_fail_lost(const struct tg_evaluation *e, const struct tg_node *node,
                             const struct tg_value *value)
{
    if (value->is_unreadable)
        return tg_evaluation_fail(e, node, "%.60s lies at 0x%x, which cannot be read",
                                  tg_node_words(node), value->address);
    return tg_evaluation_fail(e, node, "%.60s is optimised out here", tg_node_words(node));
}

bool tg_evaluation_fail_kind(const struct tg_evaluation *e, const struct tg_node *node,
                             const char *wanted, struct tg_type type)
{
    char name[100];
    return tg_evaluation_fail(e, node, "expected %s, but %.60s is of type %s", wanted,
                              tg_node_words(node), tg_type_name(type, name, sizeof name));
}

/* --- Numbers ---------------------------------------------------------------------------------- */

static bool is_wide(const struct tg_number *number)
{
    return !number->is_float && !number->is_pointer && tg_type_size(number->type) == 8;
}

static void promote(struct tg_number *number, struct tg_type type, unsigned bit_size)
{
    struct tg_type plain = tg_type_plain(type);
    bool is_signed = tg_type_is_signed(plain);
    uint32_t size = tg_type_size(plain);
    if (size == 8 && (bit_size == 0 || bit_size > 32))
        number->type = tg_type_of(is_signed ? TG_PLAIN_LONG_LONG : TG_PLAIN_UNSIGNED_LONG_LONG);
    else
        number->type = tg_type_of(!is_signed && size >= 4 && (bit_size == 0 || bit_size >= 32)
                                      ? TG_PLAIN_UNSIGNED
                                      : TG_PLAIN_INT);
}

static double real_of(uint64_t bits, uint32_t size)
{
    double real;
    float single;
    uint32_t word = (uint32_t)bits;
    memcpy(&single, &word, sizeof single);
    memcpy(&real, &bits, sizeof real);
    return size == 4 ? (double)single : real;
}

/* A value as a number; node is what a message names. */
bool tg_number_of_value(const struct tg_evaluation *e, const struct tg_node *node,
                        const struct tg_value *value, struct tg_number *ret_number)
{
    struct tg_type plain = tg_type_plain(value->type);
    enum tg_type_kind kind = tg_type_kind(plain);
    struct tg_number number = {.type = value->type};
    int64_t integer;
    if (kind == TG_TYPE_ARRAY && value->place == TG_PLACE_MEMORY) {
        number.is_pointer = true;
        number.bits = value->address;
        number.pointed = tg_type_target(plain);
        number.type = tg_type_pointer_to(number.pointed);
    } else if (kind == TG_TYPE_FUNCTION && value->place == TG_PLACE_MEMORY) {
        number.is_pointer = true;
        number.bits = value->address;
        number.pointed = value->type;
        number.type = tg_type_pointer_to(value->type);
    } else if (kind == TG_TYPE_FLOAT) {
        uint32_t size = tg_type_size(plain);
        if (value->is_lost || value->is_unreadable ||
            (value->known & tg_all_bytes(size)) != tg_all_bytes(size))
            return tg_evaluation_fail_lost(e, node, value);
        number.is_float = true;
        number.real = real_of(tg_get_le(value->bytes, 8), size);
        number.type = tg_type_of(TG_PLAIN_DOUBLE);
    } else if (tg_value_number(value, &integer)) {
        number.bits = (uint64_t)integer;
        number.is_pointer = kind == TG_TYPE_POINTER;
        if (number.is_pointer)
            number.pointed = tg_type_target(plain);
        else
            promote(&number, plain, value->bit_size);
    } else if (kind == TG_TYPE_STRUCT || kind == TG_TYPE_UNION || kind == TG_TYPE_ARRAY ||
               kind == TG_TYPE_VOID || kind == TG_TYPE_UNKNOWN) {
        return tg_evaluation_fail_kind(e, node, "a number or pointer", value->type);
    } else {
        return tg_evaluation_fail_lost(e, node, value);
    }
    *ret_number = number;
    return true;
}

static double as_real(const struct tg_number *number)
{
    if (number->is_float)
        return number->real;
    return tg_type_is_signed(number->type) ? (double)(int64_t)number->bits : (double)number->bits;
}

/* C's double to integer, defined for all doubles. */
static uint64_t real_to_bits(double real)
{
    if (!(real > -9.3e18 && real < 1.8446744073709550e19))
        return 0;
    return real < 0 ? (uint64_t)(int64_t)real : (uint64_t)real;
}

struct tg_value tg_number_from_real(double real)
{
    uint64_t bits;
    memcpy(&bits, &real, sizeof bits);
    return tg_value_of(tg_type_of(TG_PLAIN_DOUBLE), bits);
}

/* A number converted to a type that is no struct. */
bool tg_number_convert(const struct tg_evaluation *e, const struct tg_node *node,
                       const struct tg_number *number, struct tg_type type,
                       struct tg_value *ret_value)
{
    struct tg_type plain = tg_type_plain(type);
    uint32_t size = tg_type_size(plain);
    uint64_t bits = number->is_float ? real_to_bits(number->real) : number->bits;
    switch (tg_type_kind(plain)) {
    case TG_TYPE_FLOAT: {
        double real = as_real(number);
        float single = (float)real;
        uint32_t word;
        memcpy(&bits, &real, sizeof bits);
        memcpy(&word, &single, sizeof word);
        *ret_value = tg_value_of(type, size == 4 ? word : bits);
        return true;
    }
    case TG_TYPE_BOOLEAN:
        *ret_value = tg_value_of(type, number->is_float ? number->real != 0 : number->bits != 0);
        return true;
    case TG_TYPE_INTEGER:
    case TG_TYPE_ENUM:
    case TG_TYPE_POINTER:
        *ret_value = tg_value_of(type, bits);
        return true;
    default:
        return tg_evaluation_fail_kind(e, node, "a type of numbers", type);
    }
}

/* --- Operators -------------------------------------------------------------------------------- */

bool tg_number_is_true(const struct tg_number *number)
{
    return number->is_float ? number->real != 0 : number->bits != 0;
}

struct tg_value tg_number_truth(bool is)
{
    return tg_value_of(tg_type_of(TG_PLAIN_INT), is);
}

static bool compare_reals(enum tg_op op, double a, double b)
{
    switch (op) {
    case TG_OP_EQUAL:
        return a == b;
    case TG_OP_UNEQUAL:
        return a != b;
    case TG_OP_LESS:
        return a < b;
    case TG_OP_LESS_EQUAL:
        return a <= b;
    case TG_OP_GREATER:
        return a > b;
    default:
        return a >= b;
    }
}

static bool compare_bits(enum tg_op op, uint64_t a, uint64_t b, bool is_signed)
{
    bool is_less = is_signed ? (int64_t)a < (int64_t)b : a < b;
    switch (op) {
    case TG_OP_EQUAL:
        return a == b;
    case TG_OP_UNEQUAL:
        return a != b;
    case TG_OP_LESS:
        return is_less;
    case TG_OP_LESS_EQUAL:
        return is_less || a == b;
    case TG_OP_GREATER:
        return !is_less && a != b;
    default:
        return !is_less;
    }
}

static bool is_comparison(enum tg_op op)
{
    return op >= TG_OP_EQUAL && op <= TG_OP_GREATER_EQUAL;
}

static bool operate_reals(const struct tg_evaluation *e, const struct tg_node *node, double a,
                          double b, struct tg_value *ret_value)
{
    switch (node->op) {
    case TG_OP_ADD:
        *ret_value = tg_number_from_real(a + b);
        return true;
    case TG_OP_SUBTRACT:
        *ret_value = tg_number_from_real(a - b);
        return true;
    case TG_OP_MULTIPLY:
        *ret_value = tg_number_from_real(a * b);
        return true;
    case TG_OP_DIVIDE:
        *ret_value = tg_number_from_real(a / b);
        return true;
    default:
        return tg_evaluation_fail(e, node, "this operator is not for floating-point numbers");
    }
}

/* Divisors are not 0. */
static uint64_t divide(uint64_t a, uint64_t b, bool is_signed, bool is_remainder)
{
    if (!is_signed)
        return is_remainder ? a % b : a / b;
    if ((int64_t)b == -1)
        return is_remainder ? 0 : 0 - a;
    return (uint64_t)(is_remainder ? (int64_t)a % (int64_t)b : (int64_t)a / (int64_t)b);
}

static uint64_t cut(uint64_t bits, struct tg_type type)
{
    if (tg_type_size(type) == 8)
        return bits;
    return tg_type_is_signed(type) ? (uint64_t)(int64_t)(int32_t)(uint32_t)bits : (uint32_t)bits;
}

/* The type that two integers are brought to. */
static struct tg_type common_type(const struct tg_number *a, const struct tg_number *b)
{
    bool is_long = is_wide(a) || is_wide(b);
    bool is_unsigned = false;
    const struct tg_number *both[] = {a, b};
    for (unsigned i = 0; i < 2; i++)
        is_unsigned = is_unsigned || ((!is_long || is_wide(both[i])) &&
                                      (both[i]->is_pointer || !tg_type_is_signed(both[i]->type)));
    return tg_type_of(is_long       ? is_unsigned ? TG_PLAIN_UNSIGNED_LONG_LONG : TG_PLAIN_LONG_LONG
                      : is_unsigned ? TG_PLAIN_UNSIGNED
                                    : TG_PLAIN_INT);
}

static bool shift(const struct tg_evaluation *e, const struct tg_node *node,
                  const struct tg_number *a, const struct tg_number *b, struct tg_value *ret_value)
{
    uint64_t by = b->bits, bits = cut(a->bits, a->type);
    if (by >= (is_wide(a) ? 64 : 32))
        return tg_evaluation_fail(e, node, "a shift by %lld is more than the number has bits",
                                  (long long)by);
    if (node->op == TG_OP_SHIFT_LEFT)
        bits <<= by;
    else
        bits = tg_type_is_signed(a->type) ? (uint64_t)((int64_t)bits >> by) : bits >> by;
    *ret_value = tg_value_of(a->type, bits);
    return true;
}

static bool operate_integers(const struct tg_evaluation *e, const struct tg_node *node,
                             const struct tg_number *a, const struct tg_number *b,
                             struct tg_value *ret_value)
{
    if (node->op == TG_OP_SHIFT_LEFT || node->op == TG_OP_SHIFT_RIGHT)
        return shift(e, node, a, b, ret_value);
    struct tg_type type = common_type(a, b);
    uint64_t x = cut(a->bits, type), y = cut(b->bits, type), bits = 0;
    bool is_signed = tg_type_is_signed(type);
    if (is_comparison(node->op)) {
        *ret_value = tg_number_truth(compare_bits(node->op, x, y, is_signed));
        return true;
    }
    switch (node->op) {
    case TG_OP_ADD:
        bits = x + y;
        break;
    case TG_OP_SUBTRACT:
        bits = x - y;
        break;
    case TG_OP_MULTIPLY:
        bits = x * y;
        break;
    case TG_OP_AND:
        bits = x & y;
        break;
    case TG_OP_OR:
        bits = x | y;
        break;
    case TG_OP_XOR:
        bits = x ^ y;
        break;
    case TG_OP_DIVIDE:
    case TG_OP_REMAINDER:
        if (y == 0)
            return tg_evaluation_fail(e, node, "division by 0");
        bits = divide(x, y, is_signed, node->op == TG_OP_REMAINDER);
        break;
    default:
        return tg_evaluation_fail(e, node, "this operator is not for numbers");
    }
    *ret_value = tg_value_of(type, bits);
    return true;
}

/* What an element of a pointer takes; 1 where C knows no size. */
uint32_t tg_number_step(const struct tg_number *pointer)
{
    uint32_t size = tg_type_size(pointer->pointed);
    return size != 0 ? size : 1;
}

static bool operate_pointers(const struct tg_evaluation *e, const struct tg_node *node,
                             const struct tg_number *a, const struct tg_number *b,
                             struct tg_value *ret_value)
{
    const struct tg_number *pointer = a->is_pointer ? a : b, *other = a->is_pointer ? b : a;
    if (is_comparison(node->op)) {
        *ret_value =
            tg_number_truth(compare_bits(node->op, (uint32_t)a->bits, (uint32_t)b->bits, false));
        return true;
    }
    if (a->is_pointer && b->is_pointer && node->op == TG_OP_SUBTRACT) {
        int32_t difference = (int32_t)((uint32_t)a->bits - (uint32_t)b->bits);
        *ret_value = tg_value_of(tg_type_of(TG_PLAIN_INT),
                                 (uint64_t)(int64_t)(difference / (int32_t)tg_number_step(a)));
        return true;
    }
    if (other->is_pointer ||
        (node->op != TG_OP_ADD && (node->op != TG_OP_SUBTRACT || !a->is_pointer))) {
        /* what C forbids and a debugger needs: masks and remainders of addresses */
        struct tg_number x = *a, y = *b;
        x.type = a->is_pointer ? tg_type_of(TG_PLAIN_UNSIGNED) : x.type;
        y.type = b->is_pointer ? tg_type_of(TG_PLAIN_UNSIGNED) : y.type;
        x.is_pointer = y.is_pointer = false;
        return operate_integers(e, node, &x, &y, ret_value);
    }
    uint64_t distance = other->bits * tg_number_step(pointer);
    *ret_value =
        tg_value_of(pointer->type, (uint32_t)(node->op == TG_OP_ADD ? pointer->bits + distance
                                                                    : pointer->bits - distance));
    return true;
}

bool tg_number_operate(const struct tg_evaluation *e, const struct tg_node *node,
                       const struct tg_number *a, const struct tg_number *b,
                       struct tg_value *ret_value)
{
    if ((a->is_float || b->is_float) && is_comparison(node->op)) {
        *ret_value = tg_number_truth(compare_reals(node->op, as_real(a), as_real(b)));
        return true;
    }
    if (a->is_float || b->is_float)
        return operate_reals(e, node, as_real(a), as_real(b), ret_value);
    if (a->is_pointer || b->is_pointer)
        return operate_pointers(e, node, a, b, ret_value);
    return operate_integers(e, node, a, b, ret_value);
}
