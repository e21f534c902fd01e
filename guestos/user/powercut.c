/*
 * powercut COUNT: changes files, one change after the other, and says `done N` when the Nth is on the disk.
 * powercut -c N: after a power cut, whether changes 1 to N are all there and no others, but for the one after them,
 * which may or may not have happened.
 *
 * Both know what change N is from N alone. docs/testing.md.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SLOTS  12
#define FOLDER "/powercut"

enum kind { CREATE, WRITE, TRUNCATE, RENAME, LINK, UNLINK };

struct change {
    enum kind kind;
    unsigned slot, other;
    uint32_t offset, bytes, seed;
};

/* A file's content is that of one write: `bytes` from `offset` on, of that seed, zeros before it. */
struct slot {
    bool is_there;
    uint32_t size, offset, bytes, seed;
    unsigned content; /* slots with the same number are links of one file */
};

static struct slot slots[SLOTS];
static unsigned last_content;

static uint32_t mix(uint32_t value)
{
    value ^= value >> 16;
    value *= 0x7feb352du;
    value ^= value >> 15;
    value *= 0x846ca68bu;
    return value ^ value >> 16;
}

static uint8_t byte_at(uint32_t offset, uint32_t seed)
{
    return (uint8_t)(mix(offset / 64 + seed * 1000003u) + offset);
}

/* Change number n, given what is there before it. */
static struct change change_at(uint32_t n)
{
    uint32_t random = mix(n);
    struct change change = {WRITE, random % SLOTS, random / SLOTS % SLOTS, 0, 0, n};

    if (!slots[change.slot].is_there) {
        change.kind = CREATE;
        return change;
    }
    switch (random >> 24 & 7) {
    case 0:
        change.kind = TRUNCATE;
        change.bytes = random >> 8 & 0x3fff;
        break;
    case 1:
    case 2:
        change.kind = RENAME;
        break;
    case 3:
        change.kind = slots[change.other].is_there ? RENAME : LINK;
        break;
    case 4:
        change.kind = UNLINK;
        break;
    default:
        change.offset = random >> 4 & 0xfff;
        change.bytes = 1 + (random >> 8 & 0x3fff);
    }
    return change;
}

static void set_content(unsigned content, const struct slot *from)
{
    for (unsigned i = 0; i < SLOTS; i++) {
        if (slots[i].is_there && slots[i].content == content) {
            slots[i].size = from->size;
            slots[i].offset = from->offset;
            slots[i].bytes = from->bytes;
            slots[i].seed = from->seed;
        }
    }
}

/* What the change does, as it should be. A write replaces all: the file is cut to nothing in the same change's open. */
static void note(const struct change *change)
{
    struct slot *slot = &slots[change->slot], *other = &slots[change->other];
    struct slot content = *slot;

    switch (change->kind) {
    case CREATE:
        *slot = (struct slot){.is_there = true, .content = ++last_content};
        break;
    case WRITE:
        content.offset = change->offset;
        content.bytes = change->bytes;
        content.size = change->offset + change->bytes;
        content.seed = change->seed;
        set_content(slot->content, &content);
        break;
    case TRUNCATE:
        content.size = change->bytes;
        if (content.offset > content.size)
            content.offset = content.size;
        if (content.bytes > content.size - content.offset)
            content.bytes = content.size - content.offset;
        set_content(slot->content, &content);
        break;
    case RENAME:
        if (other->is_there && other->content == slot->content)
            break; /* two names of one file: nothing */
        *other = *slot;
        slot->is_there = slot == other;
        break;
    case LINK:
        *other = *slot;
        break;
    case UNLINK:
        slot->is_there = false;
    }
}

/* --- Doing it ----------------------------------------------------------------------------------------- */

static uint8_t buffer[32768];

static void fail(const char *what)
{
    printf("powercut: %s: error %d\n", what, errno);
    exit(1);
}

static void name_of(char name[8], unsigned slot)
{
    snprintf(name, 8, "s%u", slot);
}

static void write_file(const char *name, const struct change *change)
{
    int file = open(name, O_WRONLY | O_TRUNC);

    for (uint32_t i = 0; i < change->bytes; i++)
        buffer[i] = byte_at(change->offset + i, change->seed);
    if (file < 0 || lseek(file, (off_t)change->offset, SEEK_SET) < 0 ||
        write(file, buffer, change->bytes) != (ssize_t)change->bytes || fsync(file) != 0)
        fail(name);
    close(file);
}

static void make(const struct change *change)
{
    char name[8], other[8];
    int file, status = 0;

    name_of(name, change->slot);
    name_of(other, change->other);
    switch (change->kind) {
    case CREATE:
        file = open(name, O_CREAT | O_EXCL | O_RDWR, 0666);
        status = file < 0 ? -1 : close(file);
        break;
    case WRITE:
        write_file(name, change);
        break;
    case TRUNCATE:
        file = open(name, O_RDWR);
        status = file < 0 ? -1 : ftruncate(file, (off_t)change->bytes);
        close(file);
        break;
    case RENAME:
        status = rename(name, other);
        break;
    case LINK:
        status = link(name, other);
        break;
    case UNLINK:
        status = unlink(name);
    }
    if (status != 0)
        fail(name);
    sync();
}

static int change_files(uint32_t count)
{
    if (mkdir(FOLDER, 0777) != 0 || chdir(FOLDER) != 0)
        fail(FOLDER);
    sync();
    printf("done 0\n");
    for (uint32_t n = 1; n <= count; n++) {
        struct change change = change_at(n);

        make(&change);
        note(&change);
        printf("done %u\n", (unsigned)n);
        fflush(stdout);
    }
    return 0;
}

/* --- Checking it ---------------------------------------------------------------------------------------- */

static const char *difference(unsigned number)
{
    const struct slot *slot = &slots[number];
    struct stat status;
    char name[8];
    int file;

    name_of(name, number);
    if (stat(name, &status) != 0)
        return slot->is_there ? "is lost" : NULL;
    if (!slot->is_there)
        return "should not be there";
    if (status.st_size != (off_t)slot->size)
        return "has another size";
    file = open(name, O_RDONLY);
    if (file < 0 || read(file, buffer, slot->size) != (ssize_t)slot->size)
        return "cannot be read";
    close(file);
    for (uint32_t i = 0; i < slot->size; i++) {
        bool is_written = i >= slot->offset && i - slot->offset < slot->bytes;

        if (buffer[i] != (is_written ? byte_at(i, slot->seed) : 0))
            return "has other bytes";
    }
    return NULL;
}

/* The change under way may be half done, in the files that it is about; they may be links of one content. */
static bool is_under_way(const struct change *change, unsigned number)
{
    if (number == change->slot || number == change->other)
        return true;
    return slots[number].is_there && slots[change->slot].is_there &&
           slots[number].content == slots[change->slot].content;
}

static int check_files(uint32_t count)
{
    unsigned wrong = 0;
    struct change next;

    if (chdir(FOLDER) != 0)
        fail(FOLDER);
    for (uint32_t n = 1; n <= count; n++) {
        struct change change = change_at(n);

        note(&change);
    }
    next = change_at(count + 1);
    for (unsigned i = 0; i < SLOTS; i++) {
        const char *what = is_under_way(&next, i) ? NULL : difference(i);

        if (what != NULL) {
            printf("powercut: after change %u: file s%u %s\n", (unsigned)count, i, what);
            wrong++;
        }
    }
    printf("powercut: %u changes, %u files wrong\n", (unsigned)count, wrong);
    return wrong != 0;
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "-c") == 0)
        return check_files((uint32_t)strtoul(argv[2], NULL, 10));
    if (argc == 2)
        return change_files((uint32_t)strtoul(argv[1], NULL, 10));
    printf("usage: powercut COUNT, or powercut -c COUNT\n");
    return 2;
}
