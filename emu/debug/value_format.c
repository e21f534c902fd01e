/*
 * Values as text, see value.h: as gdb writes them. The text is bounded by the buffer, the work by
 * the text and by limits on elements, depth and bytes that are compared.
 */
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/bytes.h"
#include "debug/value.h"

#define DEFAULT_DEPTH    20
#define DEFAULT_ELEMENTS 200
#define MAX_NESTING      32    /* structs and arrays in each other, whatever the depth asked for */
#define MAX_COMPARED     65536 /* equal elements that are counted */
#define REPEATS          10    /* from this on equal elements are counted */

struct text {
    char *bytes;
    size_t size, used;
    bool is_full;
};

struct format {
    const struct tg_scope *scope;
    struct tg_format_options options;
    struct text text;
    bool is_physical; /* what is shown lies in physical memory */
    unsigned nesting;
};

__attribute__((format(printf, 2, 3))) static void put(struct format *f, const char *format, ...)
{
    struct text *text = &f->text;
    va_list arguments;
    va_start(arguments, format);
    int written = vsnprintf(text->bytes + text->used, text->size - text->used, format, arguments);
    va_end(arguments);
    size_t left = text->size - text->used - 1;
    if (written > 0 && (size_t)written > left)
        text->is_full = true;
    text->used += written > 0 ? ((size_t)written < left ? (size_t)written : left) : 0;
}

/* The end of a text that did not fit says so. */
static size_t finish(struct format *f)
{
    struct text *text = &f->text;
    if (text->is_full && text->size > 4)
        memcpy(text->bytes + text->size - 4, "...", 4);
    return text->used;
}

static bool read_bytes(const struct format *f, uint32_t address, void *bytes, size_t count)
{
    bool (*read)(void *, uint32_t, void *, size_t) =
        f->is_physical ? f->scope->read_physical : f->scope->read_memory;
    return read != NULL && read(f->scope->context, address, bytes, count);
}

/* --- Characters and strings ------------------------------------------------------------------- */

static void put_character(struct format *f, uint8_t byte, char quote)
{
    static const char named[] = "\a\b\t\n\v\f\r\x1b";
    const char *found = byte != 0 ? strchr(named, byte) : NULL;
    if (found != NULL)
        put(f, "\\%c", "abtnvfre"[found - named]);
    else if (byte == (uint8_t)quote || byte == '\\')
        put(f, "\\%c", byte);
    else if (byte >= ' ' && byte < 0x7f)
        put(f, "%c", byte);
    else
        put(f, "\\%03o", byte);
}

/* A piece of text that is being written: runs of one character are counted. */
struct string {
    bool is_open, has_before;
};

static void put_run(struct format *f, struct string *string, uint8_t byte, uint32_t count)
{
    if (count >= REPEATS) {
        put(f, "%s%s'", string->is_open ? "\"" : "", string->has_before ? ", " : "");
        put_character(f, byte, '\'');
        put(f, "' <repeats %" PRIu32 " times>", count);
        string->is_open = false;
        string->has_before = true;
        return;
    }
    if (!string->is_open)
        put(f, "%s\"", string->has_before ? ", " : "");
    string->is_open = string->has_before = true;
    for (uint32_t i = 0; i < count; i++)
        put_character(f, byte, '"');
}

/* count bytes, of which at most `elements` are shown, as a string; is_cut: there would have been
 * more. */
static void put_string(struct format *f, const uint8_t *bytes, uint32_t count, bool is_cut)
{
    struct string string = {false, false};
    for (uint32_t i = 0; i < count;) {
        uint32_t run = 1;
        while (i + run < count && bytes[i + run] == bytes[i])
            run++;
        put_run(f, &string, bytes[i], run);
        i += run;
    }
    put(f, "%s%s", string.is_open ? "\"" : string.has_before ? "" : "\"\"", is_cut ? "..." : "");
}

/* The C string at an address: up to limit characters. False: its first byte cannot be read. */
static bool put_string_at(struct format *f, uint32_t address, uint32_t limit, uint32_t *ret_next)
{
    uint8_t bytes[1024];
    uint32_t count = 0, most = limit < sizeof bytes ? limit : (uint32_t)sizeof bytes;
    bool is_ended = false;
    while (count < most && !is_ended && read_bytes(f, address + count, &bytes[count], 1)) {
        is_ended = bytes[count] == 0;
        count += !is_ended;
    }
    if (ret_next != NULL)
        *ret_next = address + count + is_ended;
    if (count == 0 && !is_ended)
        return false;
    put_string(f, bytes, count, !is_ended);
    return true;
}

/* --- Addresses -------------------------------------------------------------------------------- */

static bool find_symbol(const struct tg_scope *scope, uint32_t address,
                        struct tg_program_symbol *ret_symbol, uint32_t *ret_offset)
{
    if (scope->program != NULL &&
        tg_program_symbol_at(scope->program, address, ret_symbol, ret_offset))
        return true;
    for (size_t i = 0; i < scope->other_count; i++)
        if (tg_program_symbol_at(scope->others[i], address, ret_symbol, ret_offset))
            return true;
    return false;
}

static void put_symbol(struct format *f, uint32_t address)
{
    struct tg_program_symbol symbol;
    uint32_t offset;
    if (f->options.no_symbols || address == 0 || !find_symbol(f->scope, address, &symbol, &offset))
        return;
    if (offset == 0)
        put(f, " <%s>", symbol.name);
    else
        put(f, " <%s+%" PRIu32 ">", symbol.name, offset);
}

/* --- Numbers ---------------------------------------------------------------------------------- */

static uint64_t cut(uint64_t bits, unsigned width)
{
    return width < 64 ? bits & ((UINT64_C(1) << width) - 1) : bits;
}

static int64_t extend(uint64_t bits, unsigned width)
{
    return width < 64 && (bits >> (width - 1) & 1) != 0 ? (int64_t)(bits | UINT64_MAX << width)
                                                        : (int64_t)bits;
}

static void put_binary(struct format *f, uint64_t bits)
{
    char digits[65];
    size_t at = sizeof digits - 1;
    digits[at] = '\0';
    do
        digits[--at] = (char)('0' + (bits & 1));
    while ((bits >>= 1) != 0);
    put(f, "%s", digits + at);
}

static void put_double(struct format *f, double number, int digits)
{
    if (isnan(number))
        put(f, "%snan", signbit(number) != 0 ? "-" : "");
    else if (isinf(number))
        put(f, "%sinf", number < 0 ? "-" : "");
    else
        put(f, "%.*g", digits, number);
}

static void put_float(struct format *f, uint64_t bits, uint32_t size)
{
    if (size == 4) {
        uint32_t word = (uint32_t)bits;
        float number;
        memcpy(&number, &word, sizeof number);
        put_double(f, (double)number, 9);
    } else {
        double number;
        memcpy(&number, &bits, sizeof number);
        put_double(f, number, 17);
    }
}

/* A number as a letter says; false: the letter has no meaning of its own here. */
static bool put_letter(struct format *f, char letter, uint64_t bits, unsigned width)
{
    bits = cut(bits, width);
    switch (letter) {
    case 'x':
        put(f, "0x%" PRIx64, bits);
        return true;
    case 'd':
        put(f, "%" PRId64, extend(bits, width));
        return true;
    case 'u':
        put(f, "%" PRIu64, bits);
        return true;
    case 'o':
        put(f, bits != 0 ? "0%" PRIo64 : "%" PRIo64, bits);
        return true;
    case 't':
        put_binary(f, bits);
        return true;
    case 'a':
        put(f, "0x%" PRIx64, bits);
        put_symbol(f, (uint32_t)bits);
        return true;
    case 'c':
        put(f, "%" PRId64 " '", extend(cut(bits, 8), 8));
        put_character(f, (uint8_t)bits, '\'');
        put(f, "'");
        return true;
    case 'f':
        if (width != 32 && width != 64)
            return false;
        put_float(f, bits, width / 8);
        return true;
    default:
        return false;
    }
}

/* An enumeration's value: its name, or its bits where each has one. */
static void put_enum(struct format *f, struct tg_type type, int64_t number)
{
    const char *name = tg_type_enumerator(type, number), *separator = "(";
    if (name != NULL) {
        put(f, "%s", name);
        return;
    }
    uint64_t left = (uint64_t)number;
    for (unsigned i = 0; i < 32; i++)
        if ((left >> i & 1) != 0 && tg_type_enumerator(type, (int64_t)1 << i) != NULL)
            left &= ~(UINT64_C(1) << i);
    if (left != 0 || number == 0) {
        put(f, "%" PRId64, number);
        return;
    }
    for (unsigned i = 0; i < 32; i++)
        if (((uint64_t)number >> i & 1) != 0) {
            put(f, "%s%s", separator, tg_type_enumerator(type, (int64_t)1 << i));
            separator = " | ";
        }
    put(f, ")");
}

static void put_pointer(struct format *f, struct tg_type type, uint32_t address)
{
    struct tg_type target = tg_type_target(type);
    bool is_string =
        tg_type_is_character(target) && !f->options.no_strings && f->options.letter != 'a';
    if (f->nesting == 0 && !is_string) {
        char name[128];
        put(f, "(%s) ", tg_type_name(type, name, sizeof name));
    }
    put(f, "0x%" PRIx32, address);
    if (!is_string)
        put_symbol(f, address);
    if (!is_string || address == 0)
        return;
    put(f, " ");
    uint32_t limit = f->options.elements;
    bool was_physical = f->is_physical;
    f->is_physical = false; /* pointers are virtual, wherever they lie */
    if (!put_string_at(f, address, limit, NULL))
        put(f, "<cannot read 0x%" PRIx32 ">", address);
    f->is_physical = was_physical;
}

/* A number, a pointer or the like in bytes. */
static void put_scalar(struct format *f, struct tg_type type, const uint8_t *bytes,
                       unsigned bit_size)
{
    struct tg_type plain = tg_type_plain(type);
    uint32_t size = tg_type_size(plain);
    enum tg_type_kind kind = tg_type_kind(plain);
    if (size == 0 || size > 8) {
        put(f, "<unknown type>");
        return;
    }
    unsigned width = bit_size != 0 ? bit_size : size * 8;
    uint64_t bits = cut(tg_get_le(bytes, size), width);
    char letter = f->options.letter;
    if (kind == TG_TYPE_FLOAT && letter == 'f')
        letter = 0;
    if (letter != 0 && letter != 's' && put_letter(f, letter, bits, width))
        return;
    int64_t number = tg_type_is_signed(plain) ? extend(bits, width) : (int64_t)bits;
    if (kind == TG_TYPE_POINTER)
        put_pointer(f, plain, (uint32_t)bits);
    else if (kind == TG_TYPE_FLOAT)
        put_float(f, bits, size);
    else if (kind == TG_TYPE_ENUM)
        put_enum(f, plain, number);
    else if (kind == TG_TYPE_BOOLEAN && bits <= 1)
        put(f, "%s", bits != 0 ? "true" : "false");
    else if (tg_type_is_character(plain) && bit_size == 0) {
        put(f, "%" PRId64 " '", number);
        put_character(f, (uint8_t)bits, '\'');
        put(f, "'");
    } else if (tg_type_is_signed(plain))
        put(f, "%" PRId64, number);
    else
        put(f, "%" PRIu64, bits);
}

/* --- What has parts --------------------------------------------------------------------------- */

/* Where the bytes of a whole are: in memory, or kept, from a place in a value on. */
struct source {
    const struct tg_value *value; /* NULL: in memory */
    uint32_t address;             /* or the place in value's bytes */
};

/* 1: read, 0: lost, -1: unreadable. */
static int fetch(const struct format *f, const struct source *source, uint32_t offset,
                 uint8_t *bytes, uint32_t size)
{
    uint32_t at = source->address + offset;
    if (source->value == NULL)
        return read_bytes(f, at, bytes, size) ? 1 : -1;
    if (at >= TG_VALUE_BYTES || size > TG_VALUE_BYTES - at)
        return 0;
    for (uint32_t i = 0; i < size; i++)
        if ((source->value->known >> (at + i) & 1) == 0)
            return 0;
    memcpy(bytes, source->value->bytes + at, size);
    return 1;
}

static void put_at(struct format *f, struct tg_type type, const struct source *source,
                   uint32_t offset, unsigned bit_offset, unsigned bit_size);

static void put_newline(struct format *f)
{
    put(f, "\n%*s", (int)(f->nesting * 2), "");
}

static void put_members(struct format *f, struct tg_type type, const struct source *source,
                        uint32_t offset)
{
    struct tg_member member;
    if (f->nesting >= f->options.depth) {
        put(f, "{...}");
        return;
    }
    put(f, "{");
    f->nesting++;
    size_t i = 0;
    for (; !f->text.is_full && tg_type_member(type, i, &member); i++) {
        put(f, "%s", i != 0 ? f->options.is_pretty ? "," : ", " : "");
        if (f->options.is_pretty)
            put_newline(f);
        if (member.name != NULL)
            put(f, "%s = ", member.name);
        put_at(f, member.type, source, offset + member.offset, member.bit_offset, member.bit_size);
    }
    f->nesting--;
    if (f->options.is_pretty && i != 0)
        put_newline(f);
    put(f, "}");
}

/* How many elements from index on are equal to it. */
static uint32_t count_equal(const struct format *f, const struct source *source, uint32_t offset,
                            uint32_t size, uint32_t left)
{
    uint8_t first[TG_VALUE_BYTES], other[TG_VALUE_BYTES];
    uint32_t count = 1;
    if (size == 0 || size > TG_VALUE_BYTES || fetch(f, source, offset, first, size) != 1)
        return 1;
    while (count < left && count < MAX_COMPARED &&
           fetch(f, source, offset + count * size, other, size) == 1 &&
           memcmp(first, other, size) == 0)
        count++;
    return count;
}

static void put_elements(struct format *f, struct tg_type type, const struct source *source,
                         uint32_t offset)
{
    struct tg_type element = tg_type_target(type);
    uint32_t count = tg_type_count(type), size = tg_type_size(element), shown = 0;
    put(f, "{");
    f->nesting++;
    for (uint32_t i = 0; i < count && !f->text.is_full;) {
        if (shown++ == f->options.elements) {
            put(f, "...");
            break;
        }
        uint32_t equal = count_equal(f, source, offset + i * size, size, count - i);
        put(f, "%s", i != 0 ? ", " : "");
        put_at(f, element, source, offset + i * size, 0, 0);
        if (equal < REPEATS)
            equal = 1;
        else
            put(f, " <repeats %" PRIu32 " times>", equal);
        i += equal;
    }
    f->nesting--;
    put(f, "}");
}

/* An array of characters: without the zeros at its end, as far as it can be read. */
static bool put_characters(struct format *f, uint32_t count, const struct source *source,
                           uint32_t offset)
{
    uint8_t bytes[1024];
    uint32_t limit =
        f->options.elements < sizeof bytes ? f->options.elements : (uint32_t)sizeof bytes;
    uint32_t kept = count < limit ? count : limit, got = 0;
    while (got < kept && fetch(f, source, offset + got, bytes + got, 1) == 1)
        got++;
    if (got == 0 || got < kept)
        return false;
    bool is_cut = kept < count;
    if (!is_cut)
        while (kept > 0 && bytes[kept - 1] == 0)
            kept--;
    /* what comes after the string's end is shown too where it is not zero, as gdb does */
    put_string(f, bytes, kept, is_cut);
    return true;
}

static void put_at(struct format *f, struct tg_type type, const struct source *source,
                   uint32_t offset, unsigned bit_offset, unsigned bit_size)
{
    struct tg_type plain = tg_type_plain(type);
    uint32_t size = tg_type_size(plain);
    uint8_t bytes[16] = {0};
    switch (tg_type_kind(plain)) {
    case TG_TYPE_STRUCT:
    case TG_TYPE_UNION:
        if (f->nesting >= MAX_NESTING)
            put(f, "{...}");
        else
            put_members(f, plain, source, offset);
        return;
    case TG_TYPE_ARRAY:
        if (f->nesting >= MAX_NESTING)
            put(f, "{...}");
        else if (!tg_type_is_character(tg_type_target(plain)) ||
                 (f->options.letter != 0 && f->options.letter != 's') ||
                 tg_type_count(plain) == 0 ||
                 !put_characters(f, tg_type_count(plain), source, offset))
            put_elements(f, plain, source, offset);
        return;
    case TG_TYPE_FUNCTION:
    case TG_TYPE_VOID:
        put(f, "{...}");
        return;
    default:
        break;
    }
    uint32_t wanted = bit_size != 0 ? (bit_offset + bit_size + 7) / 8 : size;
    if (size == 0 || size > 8 || wanted > 9) {
        put(f, "<unknown type>");
        return;
    }
    int result = fetch(f, source, offset, bytes, wanted);
    if (result == 0) {
        put(f, "<optimised out>");
    } else if (result < 0) {
        put(f, "<cannot read 0x%" PRIx32 ">", source->address + offset);
    } else {
        uint64_t bits = tg_get_le(bytes, 8) >> bit_offset;
        if (bit_offset != 0)
            bits |= (uint64_t)bytes[8] << (64 - bit_offset);
        if (bit_size != 0)
            tg_put_le(bytes, 8, cut(bits, bit_size));
        put_scalar(f, type, bytes, bit_size);
    }
}

/* --- Interface -------------------------------------------------------------------------------- */

static struct format begin(const struct tg_scope *scope, const struct tg_format_options *options,
                           char *buf, size_t size)
{
    struct format f = {.scope = scope, .text = {buf, size, 0, false}};
    if (options != NULL)
        f.options = *options;
    if (f.options.depth == 0)
        f.options.depth = DEFAULT_DEPTH;
    if (f.options.elements == 0)
        f.options.elements = DEFAULT_ELEMENTS;
    buf[0] = '\0';
    return f;
}

static void put_function(struct format *f, const struct tg_value *value)
{
    char name[160];
    put(f, "{%s} 0x%" PRIx32, tg_type_name(value->type, name, sizeof name), value->address);
    put_symbol(f, value->address);
}

size_t tg_value_format(const struct tg_scope *scope, const struct tg_value *value,
                       const struct tg_format_options *options, char *buf, size_t size)
{
    struct format f = begin(scope, options, buf, size);
    struct tg_type plain = tg_type_plain(value->type);
    enum tg_type_kind kind = tg_type_kind(plain);
    f.is_physical = value->place == TG_PLACE_PHYSICAL;
    if (value->is_lost)
        put(&f, "<optimised out>");
    else if (value->is_unreadable)
        put(&f, "<cannot read 0x%" PRIx32 ">", value->address);
    else if (kind == TG_TYPE_VOID)
        put(&f, "void");
    else if (kind == TG_TYPE_FUNCTION && value->place == TG_PLACE_MEMORY)
        put_function(&f, value);
    else if (kind == TG_TYPE_STRUCT || kind == TG_TYPE_UNION || kind == TG_TYPE_ARRAY) {
        /* what is kept is shown as it was; longer ones are where they are */
        bool is_kept = value->known != 0;
        struct source source = {is_kept ? value : NULL, is_kept ? 0 : value->address};
        put_at(&f, value->type, &source, 0, 0, 0);
    } else if (options != NULL && options->letter == 's' && kind == TG_TYPE_INTEGER &&
               tg_type_size(plain) == 4) {
        int64_t number = 0;
        if (!tg_value_number(value, &number) ||
            !put_string_at(&f, (uint32_t)number, f.options.elements, NULL))
            put(&f, "<cannot read 0x%" PRIx32 ">", (uint32_t)number);
    } else {
        put_scalar(&f, value->type, value->bytes, value->bit_size);
    }
    return finish(&f);
}

size_t tg_format_unit(const struct tg_scope *scope, const uint8_t *bytes, size_t count, char letter,
                      char *buf, size_t size)
{
    struct format f = begin(scope, NULL, buf, size);
    uint64_t bits = tg_get_le(bytes, (uint32_t)(count < 8 ? count : 8));
    unsigned width = (unsigned)(count < 8 ? count : 8) * 8;
    if (letter == 'x') /* all digits: columns of a dump line up */
        put(&f, "0x%0*" PRIx64, (int)(width / 4), bits);
    else if (letter == 't')
        for (unsigned i = width; i > 0; i--)
            put(&f, "%c", (bits >> (i - 1) & 1) != 0 ? '1' : '0');
    else if (!put_letter(&f, letter, bits, width))
        put_letter(&f, 'd', bits, width);
    return finish(&f);
}

size_t tg_format_string(const struct tg_scope *scope, uint32_t vaddr, size_t most, char *buf,
                        size_t size, uint32_t *ret_next)
{
    struct format f = begin(scope, NULL, buf, size);
    if (!put_string_at(&f, vaddr, (uint32_t)(most < UINT32_MAX ? most : UINT32_MAX), ret_next))
        put(&f, "<cannot read 0x%" PRIx32 ">", vaddr);
    return finish(&f);
}

size_t tg_format_address(const struct tg_scope *scope, uint32_t address, char *buf, size_t size)
{
    struct format f = begin(scope, NULL, buf, size);
    put(&f, "0x%08" PRIx32, address);
    put_symbol(&f, address);
    return finish(&f);
}
