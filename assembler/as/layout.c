/*
 * Gives all points their sizes. Branches only ever grow, so going over all sections again and again
 * comes to an end; what .org and .space say may depend on sizes in both directions, which is an
 * error if it does not settle.
 */
#include <inttypes.h>

#include "as/report.h"
#include "as/sections.h"
#include "as/symbols.h"

enum { MOST_PASSES = 100, CAREFUL_PASSES = 20 };

/* How far each kind reaches, from the table of relocation kinds. */
static bool reaches(enum tg_reloc_kind kind, int64_t distance, bool is_careful)
{
    const struct tg_reloc_info *info = tg_reloc_info(kind);
    /* What has not settled after many passes is made long when it is anywhere near its limit. */
    int64_t divisor = is_careful ? 2 : 1;

    return distance >= info->lowest / divisor && distance <= info->highest / divisor;
}

/* The distance from a branch to its target. False if that is not in the same section, or a linker
 * may replace it. */
static bool distance_to(struct assembly *as, const struct section *section,
                        const struct point *point, int64_t *ret_distance)
{
    struct resolved add, sub;

    if (!resolve(as, &point->value, &point->spot, &add, &sub) || add.section != section ||
        (add.through && add.through->binding == STB_WEAK))
        return false;
    /* The point lies after the branch's four bytes. */
    *ret_distance = add.number - ((int64_t)point->offset - 4 + point->before);
    return true;
}

/* Whether a target is a number: an address that only a linker knows the distance to. */
static bool is_number(const struct value *value)
{
    return !value->add && !value->sub;
}

static uint32_t branch_extra(struct assembly *as, const struct section *section,
                             const struct point *point, bool is_careful)
{
    int64_t distance;
    bool is_near = distance_to(as, section, point, &distance);

    switch (point->kind) {
    case POINT_BRANCH:
        return is_number(&point->value) || (is_near && reaches(TG_R_BRANCH, distance, is_careful))
                   ? 0
                   : 4;
    case POINT_JUMP:
        return is_near && point->scratch && !reaches(TG_R_JAL, distance, is_careful) ? 4 : 0;
    default:
        return is_near && reaches(TG_R_JAL, distance, is_careful) ? 0 : 4;
    }
}

static uint32_t align_extra(const struct point *point)
{
    uint32_t at = point->offset + point->before;
    uint32_t extra = (point->align - at % point->align) % point->align;

    return extra > point->limit ? 0 : extra;
}

/* What .space or .org asks for; an error is worth telling only when all has settled. */
static uint32_t space_extra(struct assembly *as, const struct section *section,
                            const struct point *point, bool is_final)
{
    struct resolved add, sub;
    int64_t wanted;

    if (!resolve(as, &point->value, &point->spot, &add, &sub))
        return 0;
    wanted = add.number;
    if (point->kind == POINT_ORIGIN)
        wanted -= (int64_t)point->offset + point->before;
    if (add.undefined || sub.undefined || sub.section ||
        (add.section && (point->kind != POINT_ORIGIN || add.section != section))) {
        if (is_final)
            error_at(as, &point->spot, "this must be a number, or a distance within one section");
        return 0;
    }
    if (wanted < 0 || wanted > (int64_t)as->byte_limit) {
        if (is_final)
            error_at(as, &point->spot,
                     point->kind == POINT_ORIGIN && wanted < 0
                         ? ".org %" PRId64 " is behind the present offset"
                         : "%" PRId64 " bytes cannot be left free",
                     point->kind == POINT_ORIGIN && wanted < 0 ? add.number : wanted);
        return 0;
    }
    return (uint32_t)wanted;
}

/* One point's size in this pass. */
static uint32_t extra_of(struct assembly *as, const struct section *section,
                         const struct point *point, unsigned pass)
{
    uint32_t extra;

    switch (point->kind) {
    case POINT_ALIGN:
        return align_extra(point);
    case POINT_SPACE:
    case POINT_ORIGIN:
        return space_extra(as, section, point, false);
    case POINT_CHECK:
        return 0;
    default:
        extra = branch_extra(as, section, point, pass > CAREFUL_PASSES);
        return extra > point->extra ? extra : point->extra;
    }
}

/* Goes over a section's points once; whether anything changed. */
static bool lay_out_section(struct assembly *as, struct section *section, unsigned pass)
{
    uint64_t before = 0, limit = section->type == SHT_NOBITS ? UINT32_C(1) << 31 : as->byte_limit;
    bool has_changed = false;

    for (size_t i = 0; i < section->point_count; i++) {
        struct point *point = &section->points[i];
        uint32_t extra;

        has_changed = has_changed || point->before != before;
        point->before = (uint32_t)before;
        extra = extra_of(as, section, point, pass);
        has_changed = has_changed || extra != point->extra;
        point->extra = extra;
        before += extra;
        if (before + section->size > limit) {
            error_at(as, &point->spot, "section %s becomes too large", section->name);
            as->is_stopped = true;
            return false;
        }
    }
    section->end = section->size + (uint32_t)before;
    return has_changed;
}

/* What can be said only now. */
static void check_points(struct assembly *as, const struct section *section)
{
    for (size_t i = 0; i < section->point_count; i++) {
        const struct point *point = &section->points[i];
        uint32_t address = point->offset + point->before;

        if (point->kind == POINT_SPACE || point->kind == POINT_ORIGIN)
            space_extra(as, section, point, true);
        else if (point->kind == POINT_CHECK && address % 4 != 0)
            error_at(as, &point->spot,
                     "an instruction at offset 0x%x of %s, which is not a multiple of 4; .balign 4 "
                     "before it helps",
                     address, section->name);
    }
}

void lay_out(struct assembly *as)
{
    bool has_changed = true;
    unsigned errors = as->errors;

    for (unsigned pass = 0; has_changed; pass++) {
        has_changed = false;
        for (struct section *section = as->first_section; section; section = section->next)
            if (lay_out_section(as, section, pass))
                has_changed = true;
        if (as->is_stopped || as->errors > errors)
            return;
        if (pass > MOST_PASSES) {
            error_at(as, &as->spot, "the sizes that .org and .space ask for never settle");
            return;
        }
    }
    for (struct section *section = as->first_section; section; section = section->next)
        check_points(as, section);
}
