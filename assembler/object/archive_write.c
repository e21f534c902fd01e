/* See archive.h. The form is that of System V and GNU: "/" holds the index of symbols, "//" long
 * names. */
#include "object/archive.h"

#include <ar.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "object/fail.h"

/* Offsets in the index have 32 bits. */
#define MOST_BYTES ((size_t)1 << 31)

/* Bytes that become more; is_short once memory was. */
struct buffer {
    uint8_t *bytes;
    size_t size, room;
    bool is_short;
};

struct tg_archive_writer {
    struct buffer members;      /* headers and bytes, without what comes before them */
    struct buffer symbol_names; /* of the index, each with its zero byte */
    struct buffer owners;       /* for each symbol the offset of its member in members, a size_t */
    struct buffer long_names;
};

static void append(struct buffer *buffer, const void *bytes, size_t size)
{
    if (buffer->is_short)
        return;
    if (size > buffer->room - buffer->size) {
        size_t room = (buffer->size + size) * 2;
        uint8_t *larger = realloc(buffer->bytes, room);

        buffer->is_short = !larger;
        if (!larger)
            return;
        buffer->bytes = larger;
        buffer->room = room;
    }
    if (size != 0) /* an empty member may have no bytes at all */
        memcpy(buffer->bytes + buffer->size, bytes, size);
    buffer->size += size;
}

/* A header and a member's bytes, padded to an even length. */
static void append_member(struct buffer *buffer, const char *name, const void *bytes, size_t size)
{
    char header[sizeof(struct ar_hdr) + 1];

    snprintf(header, sizeof header, "%-16s%-12d%-6d%-6d%-8o%-10zu%s", name, 0, 0, 0, 0644u, size,
             ARFMAG);
    append(buffer, header, sizeof(struct ar_hdr));
    append(buffer, bytes, size);
    if (size % 2 != 0)
        append(buffer, "\n", 1);
}

struct tg_archive_writer *tg_archive_create(void)
{
    return calloc(1, sizeof(struct tg_archive_writer));
}

void tg_archive_discard(struct tg_archive_writer *writer)
{
    if (!writer)
        return;
    free(writer->members.bytes);
    free(writer->symbol_names.bytes);
    free(writer->owners.bytes);
    free(writer->long_names.bytes);
    free(writer);
}

/* --- Members ------------------------------------------------------------------------------------
 */

static void index_symbols(struct tg_archive_writer *writer, const struct tg_obj *obj)
{
    size_t owner = writer->members.size;

    for (size_t i = 1; i < obj->symbol_count; i++) {
        const struct tg_obj_symbol *symbol = &obj->symbols[i];

        if (symbol->binding == STB_LOCAL || symbol->section == TG_OBJ_UNDEFINED)
            continue;
        append(&writer->symbol_names, symbol->name, strlen(symbol->name) + 1);
        append(&writer->owners, &owner, sizeof owner);
    }
}

int tg_archive_add(struct tg_archive_writer *writer, const char *name, const struct tg_obj *obj,
                   struct tg_error *error)
{
    char field[sizeof((struct ar_hdr *)NULL)->ar_name + 1];
    size_t length = strlen(name), size;
    uint8_t *bytes;
    int result = tg_obj_write(obj, &bytes, &size, error);

    if (result != TG_OK)
        return result;
    index_symbols(writer, obj);
    if (length < sizeof field - 1 && !strchr(name, '/')) {
        snprintf(field, sizeof field, "%s/", name);
    } else {
        snprintf(field, sizeof field, "/%zu", writer->long_names.size);
        append(&writer->long_names, name, length);
        append(&writer->long_names, "/\n", 2);
    }
    append_member(&writer->members, field, bytes, size);
    free(bytes);
    return TG_OK;
}

/* --- The file -----------------------------------------------------------------------------------
 */

static void append_big_endian(struct buffer *buffer, size_t number)
{
    uint8_t bytes[4];

    for (int i = 0; i < 4; i++)
        bytes[i] = (uint8_t)(number >> (24 - 8 * i));
    append(buffer, bytes, sizeof bytes);
}

static size_t even(size_t size)
{
    return size + size % 2;
}

static void append_index(struct tg_archive_writer *writer, struct buffer *file)
{
    size_t count = writer->owners.size / sizeof(size_t), owner;
    size_t index_size = even(4 + 4 * count + writer->symbol_names.size);
    size_t first = SARMAG + sizeof(struct ar_hdr) + index_size;
    struct buffer index = {0};

    if (writer->long_names.size > 0)
        first += sizeof(struct ar_hdr) + writer->long_names.size;
    append_big_endian(&index, count);
    for (size_t i = 0; i < count; i++) {
        memcpy(&owner, writer->owners.bytes + i * sizeof owner, sizeof owner);
        append_big_endian(&index, first + owner);
    }
    append(&index, writer->symbol_names.bytes, writer->symbol_names.size);
    if (index.size % 2 != 0)
        append(&index, "", 1);
    append_member(file, "/", index.bytes, index.size);
    file->is_short |= index.is_short;
    free(index.bytes);
}

int tg_archive_finish(struct tg_archive_writer *writer, const char *name, uint8_t **ret_bytes,
                      size_t *ret_size_bytes, struct tg_error *error)
{
    struct buffer file = {0};

    if (writer->members.size + writer->owners.size + writer->symbol_names.size +
            writer->long_names.size >
        MOST_BYTES)
        return tg_obj_fail(error, TG_E_ARGUMENT, "%s: more than an archive can hold", name);
    /* binutils' readelf takes no table of names with an odd length. */
    if (writer->long_names.size % 2 != 0)
        append(&writer->long_names, "\n", 1);
    append(&file, ARMAG, SARMAG);
    if (!writer->owners.is_short && !writer->symbol_names.is_short)
        append_index(writer, &file);
    if (writer->long_names.size > 0)
        append_member(&file, "//", writer->long_names.bytes, writer->long_names.size);
    append(&file, writer->members.bytes, writer->members.size);
    if (file.is_short || writer->members.is_short || writer->owners.is_short ||
        writer->symbol_names.is_short || writer->long_names.is_short) {
        free(file.bytes);
        return tg_obj_fail(error, TG_E_NOMEM, "%s: no memory left to write it", name);
    }
    *ret_bytes = file.bytes;
    *ret_size_bytes = file.size;
    return TG_OK;
}
