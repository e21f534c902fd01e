/*
 * Reads archives as ar makes them: after a magic line, members of a header of 60 characters and
 * their bytes, padded to an even length. Names that are too long for the header are in a member of
 * their own. See object.h.
 */
#include <ar.h>
#include <stdlib.h>
#include <string.h>

#include "object/fail.h"
#include "object/object.h"

struct reader {
    struct tg_archive *archive;
    const char *name; /* of the archive, for messages */
    const uint8_t *bytes;
    size_t size, at;
    size_t room;               /* for members */
    const uint8_t *long_names; /* NULL: none so far */
    size_t long_names_bytes;
    struct tg_error *error;
};

bool tg_archive_is(const void *bytes, size_t size_bytes)
{
    return size_bytes >= SARMAG && memcmp(bytes, ARMAG, SARMAG) == 0;
}

static int damaged(const struct reader *r, const char *what)
{
    return tg_obj_fail(r->error, TG_E_FORMAT, "%s: damaged archive: %s at byte %zu", r->name, what,
                       r->at);
}

/* A decimal number in a field that is padded with spaces. */
static bool read_number(const char *field, size_t width, size_t *ret_number)
{
    size_t number = 0, i;

    for (i = 0; i < width && field[i] >= '0' && field[i] <= '9'; i++)
        number = number * 10 + (size_t)(field[i] - '0');
    if (i == 0 || i > 10 || (i < width && field[i] != ' '))
        return false;
    *ret_number = number;
    return true;
}

/* The name of the member with this header, as a new string; NULL with an error. */
static char *member_name(const struct reader *r, const struct ar_hdr *header)
{
    const char *start = header->ar_name, *end;
    size_t offset, room = sizeof header->ar_name;

    if (start[0] == '/' && read_number(start + 1, room - 1, &offset)) {
        if (offset >= r->long_names_bytes) {
            damaged(r, "a name that is not in the table of names");
            return NULL;
        }
        start = (const char *)r->long_names + offset;
        room = r->long_names_bytes - offset;
        end = memchr(start, '\n', room);
    } else {
        end = memchr(start, '/', room);
    }
    if (!end)
        end = start + room;
    while (end > start && (end[-1] == ' ' || end[-1] == '/'))
        end--;
    char *name = strndup(start, (size_t)(end - start));
    if (!name)
        tg_obj_fail(r->error, TG_E_NOMEM, "%s: no memory left to read it", r->name);
    return name;
}

static bool is_called(const struct ar_hdr *header, const char *name)
{
    size_t length = strlen(name);

    return memcmp(header->ar_name, name, length) == 0 && header->ar_name[length] == ' ';
}

static int add_member(struct reader *r, const struct ar_hdr *header, size_t size)
{
    struct tg_archive *archive = r->archive;
    char *name;

    if (archive->count == r->room) {
        size_t wanted = r->room * 2 + 16;
        void *larger = realloc(archive->members, wanted * sizeof *archive->members);

        if (!larger)
            return tg_obj_fail(r->error, TG_E_NOMEM, "%s: no memory left to read it", r->name);
        archive->members = larger;
        r->room = wanted;
    }
    name = member_name(r, header);
    if (!name)
        return TG_E_FORMAT;
    archive->members[archive->count++] = (struct tg_archive_member){name, r->bytes + r->at, size};
    return TG_OK;
}

/* Reads the member at r->at and goes on to the next. */
static int read_member(struct reader *r)
{
    struct ar_hdr header;
    size_t size;
    int result = TG_OK;

    if (r->size - r->at < sizeof header)
        return damaged(r, "an incomplete header");
    memcpy(&header, r->bytes + r->at, sizeof header);
    if (memcmp(header.ar_fmag, ARFMAG, sizeof header.ar_fmag) != 0 ||
        !read_number(header.ar_size, sizeof header.ar_size, &size))
        return damaged(r, "no header of a member");
    r->at += sizeof header;
    if (size > r->size - r->at)
        return damaged(r, "a member that goes beyond the end of the file");
    if (is_called(&header, "//")) {
        r->long_names = r->bytes + r->at;
        r->long_names_bytes = size;
    } else if (!is_called(&header, "/") && !is_called(&header, "/SYM64/")) {
        result = add_member(r, &header, size);
    }
    r->at += size;
    if (r->at < r->size && r->at % 2)
        r->at++;
    return result;
}

int tg_archive_read(const void *bytes, size_t size_bytes, const char *name,
                    struct tg_archive **ret_archive, struct tg_error *error)
{
    static const char thin[] = "!<thin>\n";
    struct reader r = {.name = name, .size = size_bytes, .at = SARMAG, .error = error};
    int result = TG_OK;

    if (size_bytes >= SARMAG && memcmp(bytes, thin, SARMAG) == 0)
        return tg_obj_fail(error, TG_E_FORMAT,
                           "%s: a thin archive, which does not hold its members; make it without T",
                           name);
    if (!tg_archive_is(bytes, size_bytes))
        return tg_obj_fail(error, TG_E_FORMAT, "%s: not an archive made by ar", name);
    r.archive = calloc(1, sizeof *r.archive);
    if (r.archive)
        r.archive->copy = malloc(size_bytes);
    if (!r.archive || !r.archive->copy) {
        tg_archive_destroy(r.archive);
        return tg_obj_fail(error, TG_E_NOMEM, "%s: no memory left to read it", name);
    }
    memcpy(r.archive->copy, bytes, size_bytes);
    r.bytes = r.archive->copy;
    while (r.at < r.size && !result)
        result = read_member(&r);
    if (result)
        tg_archive_destroy(r.archive);
    else
        *ret_archive = r.archive;
    return result;
}

void tg_archive_destroy(struct tg_archive *archive)
{
    if (!archive)
        return;
    for (size_t i = 0; i < archive->count; i++)
        free((char *)(uintptr_t)archive->members[i].name);
    free(archive->members);
    free(archive->copy);
    free(archive);
}
