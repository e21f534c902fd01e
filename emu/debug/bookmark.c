/*
 * Places with names. They are numbers only: being there costs a replay.
 */
#include <stdlib.h>
#include <string.h>

#include "core/error.h"
#include "debug/internal.h"

static bool is_name(const char *name)
{
    size_t length = strlen(name);
    for (size_t i = 0; i < length; i++)
        if (name[i] < '!' || name[i] > '~')
            return false;
    return length > 0 && length < sizeof((struct tg_debug_bookmark *)NULL)->name;
}

static bool has_room(struct tg_debug *debug)
{
    if (debug->bookmark_count < debug->bookmark_capacity)
        return true;
    size_t capacity = debug->bookmark_capacity ? 2 * debug->bookmark_capacity : 16;
    struct tg_debug_bookmark *bookmarks = realloc(debug->bookmarks, capacity * sizeof *bookmarks);
    if (!bookmarks)
        return false;
    debug->bookmarks = bookmarks;
    debug->bookmark_capacity = capacity;
    return true;
}

int tg_bookmark_put(struct tg_debug *debug, const char *name, const struct tg_debug_place *place,
                    struct tg_error *error)
{
    struct tg_debug_bookmark fresh = {.place = *place};
    if (!is_name(name))
        return tg_fail(error, TG_E_ARGUMENT,
                       "a name has 1 to 63 printable characters without spaces");
    if (!has_room(debug))
        return tg_fail(error, TG_E_NOMEM, "no memory for another name");
    tg_debug_bookmark_remove(debug, name);
    strcpy(fresh.name, name);
    size_t at = debug->bookmark_count++;
    for (; at > 0 && tg_debug_compare_places(&debug->bookmarks[at - 1].place, place) > 0; at--)
        debug->bookmarks[at] = debug->bookmarks[at - 1];
    debug->bookmarks[at] = fresh;
    return TG_OK;
}

int tg_debug_bookmark_add(struct tg_debug *debug, const char *name, struct tg_error *error)
{
    struct tg_debug_place here = tg_history_here(&debug->history);
    return tg_bookmark_put(debug, name, &here, error);
}

bool tg_debug_bookmark_remove(struct tg_debug *debug, const char *name)
{
    size_t kept = 0, count = debug->bookmark_count;
    for (size_t i = 0; i < count; i++)
        if (strcmp(debug->bookmarks[i].name, name) != 0)
            debug->bookmarks[kept++] = debug->bookmarks[i];
    debug->bookmark_count = kept;
    return kept < count;
}

const struct tg_debug_bookmark *tg_debug_bookmark(const struct tg_debug *debug, size_t index)
{
    return index < debug->bookmark_count ? &debug->bookmarks[index] : NULL;
}

size_t tg_bookmark_drop_after(struct tg_debug *debug, const struct tg_debug_place *place)
{
    size_t count = debug->bookmark_count;
    while (debug->bookmark_count > 0 &&
           tg_debug_compare_places(&debug->bookmarks[debug->bookmark_count - 1].place, place) > 0)
        debug->bookmark_count--;
    return count - debug->bookmark_count;
}
