/* The listing: for each line its number, and for what it gave the section, offset, words and then
 * the source. */
#include <string.h>

#include "as/emit.h"
#include "as/symbols.h"

enum { ROW_BYTES = 8 };

static unsigned depth_of(const struct origin *origin)
{
    unsigned depth = 0;

    for (; origin->called_from && depth < 3; origin = origin->called_from->origin)
        depth++;
    return depth;
}

/* Up to ROW_BYTES bytes, as words where there are whole ones. */
static void write_bytes(struct buffer *out, const uint8_t *bytes, uint32_t count)
{
    uint32_t at = 0;
    int width = 0;

    for (; count - at >= 4; at += 4, width += 9)
        buffer_format(out, "%08x ", tg_get_word(bytes + at));
    for (; at < count; at++, width += 3)
        buffer_format(out, "%02x ", bytes[at]);
    buffer_format(out, "%*s", 18 - width, "");
}

static void write_row(struct buffer *out, const struct section *section, uint32_t from, uint32_t to)
{
    uint32_t count = to - from < ROW_BYTES ? to - from : ROW_BYTES;

    buffer_format(out, "%-8.8s %08x ", section->name, from);
    if (section->type == SHT_NOBITS)
        buffer_format(out, "%-18s", "");
    else
        write_bytes(out, section->final + from, count);
}

static void write_source(struct buffer *out, const struct spot *spot)
{
    const char *end = memchr(spot->line, '\n', (size_t)(spot->origin->end - spot->line));
    const char *line = spot->origin->original + (spot->line - spot->origin->text);
    size_t length = (size_t)((end ? end : spot->origin->end) - spot->line);

    while (length > 0 && (line[length - 1] == ' ' || line[length - 1] == '\r'))
        length--;
    if (length)
        buffer_format(out, " %.*s", (int)length, line);
}

static void write_line(struct buffer *out, const struct listed *listed, bool has_contents)
{
    uint32_t from = 0, to = 0;
    const struct section *section = listed->from.section;

    if (has_contents) {
        from = address_of(&listed->from);
        to = address_of(&listed->to);
    }
    buffer_format(out, "%5u%-3.*s", listed->spot.number, (int)depth_of(listed->spot.origin),
                  ">>>");
    if (to > from)
        write_row(out, section, from, to);
    else
        buffer_format(out, "%-36s", "");
    write_source(out, &listed->spot);
    buffer_format(out, "\n");
    for (from += ROW_BYTES; from < to && section->type != SHT_NOBITS; from += ROW_BYTES) {
        /* A long row of bytes is cut: the first and the last of them say what is there. */
        if (to - from > 64 * ROW_BYTES) {
            buffer_format(out, "        %-8s ...\n", "");
            from = to - 2 * ROW_BYTES;
        }
        buffer_format(out, "        ");
        write_row(out, section, from, to);
        buffer_format(out, "\n");
    }
}

void write_listing(struct assembly *as, const char *path, struct buffer *out)
{
    const struct origin *shown = NULL;
    bool has_contents = as->errors == 0;

    buffer_format(out, "tg-as listing 1: %s\n", path);
    buffer_format(out, " line   section  offset   contents           source\n");
    for (size_t i = 0; i < as->listed_count; i++) {
        const struct listed *listed = &as->listed[i];

        if (listed->spot.origin != shown && listed->spot.origin->macro == NULL &&
            listed->spot.origin->called_from)
            buffer_format(out, "        file %s\n", listed->spot.origin->path);
        shown = listed->spot.origin;
        write_line(out, listed, has_contents);
    }
    if (!has_contents)
        buffer_format(out, "%u errors\n", as->errors);
}
