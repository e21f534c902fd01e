/* See values.h. */
#include "values.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "changing.h"
#include "debugger.h"
#include "isa/isa.h"

/* --- Reading ----------------------------------------------------------------------------------------------------------------- */

/* $ is the last of print's values, $$ the one before, $N number N. */
static bool read_history(const struct values *values, const char *name, size_t length, struct tg_value *ret_value)
{
    size_t number = values->count;
    if (length == 1 && name[0] == '$')
        number = number > 0 ? number - 1 : 0;
    else if (length > 0) {
        number = 0;
        for (size_t i = 0; i < length && number <= values->count; i++)
            number = number * 10 + (size_t)(name[i] - '0');
    }
    if (number == 0 || number > values->count)
        return false;
    *ret_value = values->history[number - 1];
    return true;
}

static struct tg_value *find_named(struct values *values, const char *name, size_t length)
{
    for (size_t i = 0; i < values->named_count; i++)
        if (strlen(values->named[i].name) == length && strncmp(values->named[i].name, name, length) == 0)
            return &values->named[i];
    return NULL;
}

bool values_read(struct debugger *d, const char *name, size_t length, struct tg_value *ret_value)
{
    bool is_number = true;
    for (size_t i = 0; i < length; i++)
        is_number = is_number && isdigit((unsigned char)name[i]);
    if (is_number || (length == 1 && name[0] == '$'))
        return read_history(&d->values, name, length, ret_value);
    const struct tg_value *named = find_named(&d->values, name, length);
    if (named != NULL)
        *ret_value = *named;
    return named != NULL;
}

/* --- Keeping ------------------------------------------------------------------------------------------------------------------ */

size_t values_remember(struct debugger *d, const struct tg_value *value)
{
    struct values *values = &d->values;
    if (values->count == values->room) {
        size_t room = values->room * 2 + 16;
        struct tg_value *longer = realloc(values->history, room * sizeof *longer);
        if (longer == NULL)
            return 0;
        values->history = longer;
        values->room = room;
    }
    values->history[values->count++] = *value;
    return values->count;
}

void values_name(struct debugger *d, const char *name, const struct tg_value *value)
{
    struct values *values = &d->values;
    struct tg_value *place = find_named(values, name, strlen(name));
    if (place == NULL && values->named_count < VALUES_MOST_NAMED)
        place = &values->named[values->named_count++];
    if (place == NULL)
        return;
    *place = *value;
    snprintf(place->name, sizeof place->name, "%s", name);
    place->place = TG_PLACE_VARIABLE;
}

void values_forget_all(struct debugger *d)
{
    free(d->values.history);
    d->values = (struct values){0};
}

/* --- Assigning ---------------------------------------------------------------------------------------------------------------- */

/* Writes RAM behind virtual addresses, page by page. */
static bool write_virtual(struct debugger *d, const char *command, uint32_t vaddr, const uint8_t *bytes, size_t count)
{
    struct tg_debug_change change = {0};
    while (count > 0) {
        struct tg_walk walk;
        size_t part = TG_PAGE_BYTES - vaddr % TG_PAGE_BYTES;
        part = part < count ? part : count;
        tg_machine_walk(d->machine, d->view.cpu, vaddr, TG_ACCESS_LOAD, 0, &walk);
        if (walk.reason != 0)
            return complain(d, "%s: 0x%08" PRIx32 " is not mapped: %s", command, vaddr, tg_page_reason(walk.reason));
        if (tg_debug_write_ram(d->core, walk.paddr, bytes, part, &change) != TG_OK)
            return complain(d, "%s: 0x%08" PRIx32 " (physical 0x%08" PRIx32 ") is not RAM", command, vaddr, walk.paddr);
        changing_report(d, &change);
        bytes += part;
        vaddr += (uint32_t)part;
        count -= part;
    }
    return true;
}

static bool write_register(struct debugger *d, const char *command, uint32_t number, uint32_t value)
{
    struct tg_debug_change change = {0};
    if (view_frame(d)->number > 0)
        return complain(d, "%s: registers can be changed in frame 0 alone, where the CPU is; use \"frame 0\"", command);
    int result = number == TG_PLACE_PC ? tg_debug_set_pc(d->core, d->view.cpu, value, &change)
                                       : tg_debug_set_register(d->core, d->view.cpu, number, value, &change);
    if (result != TG_OK)
        return complain(d, "%s: %s cannot be 0x%" PRIx32, command,
                        number == TG_PLACE_PC ? "pc" : tg_register_name(number), value);
    changing_report(d, &change);
    return true;
}

static bool write_creg(struct debugger *d, const char *command, uint32_t number, uint32_t value)
{
    struct tg_debug_change change = {0};
    const struct tg_creg_info *info = tg_creg_info(number);
    if (info->write_ring == TG_CREG_NEVER)
        return complain(d, "%s: %s cannot be changed: %s", command, info->name, info->meaning);
    if (tg_debug_set_creg(d->core, d->view.cpu, number, value, &change) != TG_OK)
        return complain(d, "%s: %s cannot be 0x%" PRIx32 "; its bits are 0x%" PRIx32, command, info->name, value,
                        info->writable);
    changing_report(d, &change);
    return true;
}

bool values_assign(struct debugger *d, const char *command, const struct tg_value *value)
{
    uint8_t bytes[TG_VALUE_BYTES];
    size_t size;
    struct tg_debug_change change = {0};
    if (value->place == TG_PLACE_VARIABLE) {
        values_name(d, value->name, value);
        return true;
    }
    if (!tg_value_store(view_scope(d), value, value, bytes, &size))
        return complain(d, "%s: that has no place where it could be changed", command);
    uint32_t word = 0;
    memcpy(&word, bytes, size < sizeof word ? size : sizeof word);
    bool is_written = false;
    switch (value->place) {
    case TG_PLACE_MEMORY:
        if (d->view.has_process)
            return complain(d, "%s: memory of a process that no CPU works for can only be read", command);
        is_written = write_virtual(d, command, value->address, bytes, size);
        break;
    case TG_PLACE_PHYSICAL:
        is_written = tg_debug_write_ram(d->core, value->address, bytes, size, &change) == TG_OK ||
                     complain(d, "%s: physical 0x%08" PRIx32 " is not RAM", command, value->address);
        if (is_written)
            changing_report(d, &change);
        break;
    case TG_PLACE_REGISTER:
        is_written = write_register(d, command, value->address, word);
        break;
    case TG_PLACE_CREG:
        is_written = write_creg(d, command, value->address, word);
        break;
    default:
        break;
    }
    view_forget(d);
    return is_written;
}
