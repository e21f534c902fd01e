/* Directives that put contents into a section. See directives.h. */
#include <inttypes.h>
#include <string.h>

#include "as/directives.h"
#include "as/expressions.h"
#include "as/input.h"
#include "as/report.h"
#include "as/sections.h"
#include "as/symbols.h"

static void put_number(uint8_t *to, int bytes, uint64_t number)
{
    for (int i = 0; i < bytes; i++)
        to[i] = (uint8_t)(i < 8 ? number >> (8 * i) : 0);
}

/* --- Values -------------------------------------------------------------------------------------
 */

/* Whether a number can be written in so many bytes, with or without a sign. */
static bool fits(int64_t number, int bytes)
{
    int64_t half = INT64_C(1) << (8 * bytes - 1);

    return number >= -half && number < 2 * half;
}

static bool put_value(struct assembly *as, int bytes)
{
    const char *start = (skip_blanks(as), as->at);
    struct value value;
    int64_t number = 0;
    uint8_t *to;

    if (!take_value(as, &value))
        return false;
    if (!is_known(&value, &number)) {
        if (bytes == 8)
            return error_here(as, start, "numbers of 64 bits must be known here");
        add_fixup(as, bytes == 4 ? TG_R_32 : bytes == 2 ? TG_R_16 : TG_R_8, value, start);
    } else if (bytes < 8 && !fits(number, bytes)) {
        return error_here(as, start, "%" PRId64 " does not fit in %d byte%s", number, bytes,
                          bytes == 1 ? "" : "s");
    }
    to = add_bytes(as, (size_t)bytes);
    if (to)
        put_number(to, bytes, (uint64_t)number);
    return to != NULL;
}

bool put_values(struct assembly *as, int bytes)
{
    do {
        if (!put_value(as, bytes))
            return false;
    } while (accept(as, ','));
    return expect_end(as);
}

bool put_strings(struct assembly *as, int has_end)
{
    do {
        struct slice text;
        uint8_t *to;

        if (!take_string(as, &text))
            return false;
        to = add_bytes(as, text.length + (has_end ? 1 : 0));
        if (!to)
            return false;
        memcpy(to, text.at, text.length);
        if (has_end)
            to[text.length] = 0;
    } while (accept(as, ','));
    return expect_end(as);
}

/* --- Room ---------------------------------------------------------------------------------------
 */

bool put_space(struct assembly *as, int argument)
{
    const char *start = (skip_blanks(as), as->at);
    struct value count;
    int64_t number, fill = 0;
    struct point *point;

    (void)argument;
    if (!take_value(as, &count) ||
        (accept(as, ',') && !take_number(as, "fill", -128, 255, &fill)) || !expect_end(as))
        return false;
    if (is_known(&count, &number)) {
        if (number < 0)
            return error_here(as, start, "%" PRId64 " bytes cannot be left free", number);
        return add_room(as, (uint64_t)number, (uint8_t)fill);
    }
    point = add_point(as, POINT_SPACE);
    point->value = count;
    point->fill = (uint8_t)fill;
    as->section->is_word_aligned = false;
    return true;
}

bool put_fill(struct assembly *as, int argument)
{
    int64_t count, bytes = 1, number = 0;
    uint8_t *to;

    (void)argument;
    if (!take_number(as, "count", 0, as->byte_limit, &count) ||
        (accept(as, ',') &&
         (!take_number(as, "size", 1, 8, &bytes) ||
          (accept(as, ',') && !take_number(as, "value", INT64_MIN, INT64_MAX, &number)))) ||
        !expect_end(as))
        return false;
    to = add_bytes(as, (size_t)(count * bytes));
    for (int64_t i = 0; to && i < count; i++)
        put_number(to + i * bytes, (int)bytes, (uint64_t)number);
    return to != NULL;
}

bool put_origin(struct assembly *as, int argument)
{
    struct value offset;
    int64_t fill = 0;
    struct point *point;

    (void)argument;
    if (!take_value(as, &offset) ||
        (accept(as, ',') && !take_number(as, "fill", -128, 255, &fill)) || !expect_end(as))
        return false;
    point = add_point(as, POINT_ORIGIN);
    point->value = offset;
    point->fill = (uint8_t)fill;
    as->section->is_word_aligned = false;
    return true;
}

/* What is given after the first operand of an alignment: fill, and the most bytes; both may be left
 * out. */
static bool take_alignment_rest(struct assembly *as, int64_t *fill, int64_t *most)
{
    if (!accept(as, ','))
        return expect_end(as);
    if ((skip_blanks(as) || *as->at != ',') && !take_number(as, "fill", -128, 255, fill))
        return false;
    if (accept(as, ',') && !take_number(as, "limit", 0, UINT32_MAX, most))
        return false;
    return expect_end(as);
}

bool put_alignment(struct assembly *as, int is_power)
{
    const char *start = (skip_blanks(as), as->at);
    int64_t align, fill = INT64_MIN, most = UINT32_MAX;
    struct section *section = as->section;
    struct point *point;

    if (is_power) {
        if (!take_number(as, "power of two", 0, 16, &align))
            return false;
        align = INT64_C(1) << align;
    } else if (!take_number(as, "alignment", 1, 65536, &align)) {
        return false;
    }
    if ((align & (align - 1)) != 0)
        return error_here(as, start, "alignment %" PRId64 " is no power of two", align);
    if (!take_alignment_rest(as, &fill, &most))
        return false;
    point = add_point(as, POINT_ALIGN);
    point->align = (uint32_t)align;
    point->limit = (uint32_t)most;
    point->is_code = fill == INT64_MIN && section->flags & SHF_EXECINSTR;
    point->fill = fill == INT64_MIN ? 0 : (uint8_t)fill;
    if (section->align < align)
        section->align = (uint32_t)align;
    section->is_word_aligned = align >= 4 && most == UINT32_MAX;
    return true;
}

/* --- Files --------------------------------------------------------------------------------------
 */

bool put_file(struct assembly *as, int argument)
{
    const char *start = (skip_blanks(as), as->at);
    const struct loaded *file;
    int64_t skip = 0, count = INT64_MAX;
    struct slice name;
    uint8_t *to;

    (void)argument;
    if (!take_string(as, &name) ||
        (accept(as, ',') &&
         (!take_number(as, "skip", 0, UINT32_MAX, &skip) ||
          (accept(as, ',') && !take_number(as, "count", 0, UINT32_MAX, &count)))) ||
        !expect_end(as))
        return false;
    file = load_file(as, find_file(as, name), start);
    if (!file)
        return false;
    if ((uint64_t)skip > file->length)
        return error_here(as, start, "%s has %zu bytes, fewer than are to be skipped", file->path,
                          file->length);
    if (count > (int64_t)file->length - skip)
        count = (int64_t)file->length - skip;
    to = add_bytes(as, (size_t)count);
    if (to)
        memcpy(to, file->original + skip, (size_t)count);
    return to != NULL;
}
