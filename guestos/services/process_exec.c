/*
 * exec: a program is read from its file into a new space beside the old one, page by page. Only
 * when all is there does the new space take the old one's place; from then on nothing can fail.
 * Until then every failure leaves the old program as it was.
 */
#include "process.h"

static uint32_t page_down(uint32_t address)
{
    return address & ~(TP_PAGE - 1);
}

static uint32_t page_up(uint32_t address)
{
    return page_down(address + TP_PAGE - 1);
}

int32_t exec_copy_arguments(struct request *request, struct exec_room *room)
{
    uint32_t bytes = (uint32_t)request->args[2], texts = 0;
    int32_t result = tp_copy_path(request, 0, room->path);

    if (result < 0)
        return result;
    if (bytes > TP_ARGUMENT_BYTES)
        return -TP_E2BIG;
    result = tp_copy_in(request, 1, 0, room->arguments, bytes);
    if (result < 0)
        return result;
    if (bytes && room->arguments[bytes - 1] != '\0')
        return -TP_EINVAL;
    for (uint32_t i = 0; i < bytes; i++)
        texts += room->arguments[i] == '\0';
    room->argument_bytes = bytes;
    room->argument_count = texts;
    return texts > TP_ARGUMENT_COUNT ? -TP_E2BIG : 0;
}

/* --- The new space --------------------------------------------------------------------------- */

static int32_t write_space(const struct member *member, uint32_t address, const void *from,
                           uint32_t bytes)
{
    return process_kernel(TP_CALL_SPACE_WRITE, member->endpoint, address, (tp_word)from, bytes);
}

/* The file's bytes at offset, into the space at address. A file that ends too early is no program.
 */
static int32_t fill(const struct member *member, int32_t file, const struct elf_part *part,
                    struct exec_room *room)
{
    int32_t result = process_ask(TP_CALL_LSEEK, (tp_word)file, part->offset, TP_SEEK_SET, 0);
    uint32_t bytes;

    for (uint32_t done = 0; result >= 0 && done < part->file_bytes; done += bytes) {
        bytes = part->file_bytes - done;
        if (bytes > sizeof room->buffer)
            bytes = sizeof room->buffer;
        if (member->stage == STAGE_ENDING)
            return -TP_EINTR;
        result = process_ask(TP_CALL_READ, (tp_word)file, (tp_word)room->buffer, bytes, 0);
        if (result < 0)
            return result;
        if ((uint32_t)result != bytes)
            return -TP_ENOEXEC;
        result = write_space(member, part->address + done, room->buffer, bytes);
    }
    return result < 0 ? result : 0;
}

/* Zeros behind the last part's bytes need no page before they are touched, if they may be written.
 */
static uint32_t bytes_at_once(const struct elf_program *program, const struct elf_part *part)
{
    bool is_last = part == &program->parts[program->part_count - 1];

    return is_last && part->how & TP_MAP_WRITE ? part->file_bytes : part->bytes;
}

static int32_t load(const struct member *member, int32_t file, const struct elf_program *program,
                    struct exec_room *room)
{
    for (uint32_t i = 0; i < program->part_count; i++) {
        const struct elf_part *part = &program->parts[i];
        uint32_t bytes = bytes_at_once(program, part);
        int32_t result;

        if (bytes == 0)
            continue;
        result = process_ask(TP_CALL_MEMORY_MAP, member->endpoint, part->address, bytes, part->how);
        if (result == 0)
            result = fill(member, file, part, room);
        if (result < 0)
            return result;
    }
    return 0;
}

/* argc, argv and the texts, from the stack's top down. */
static int32_t make_stack(const struct member *member, struct exec_room *room, uint32_t *ret_sp)
{
    uint32_t texts = (TP_STACK_TOP - room->argument_bytes) & ~15u;
    uint32_t count = room->argument_count, at = 0;
    uint32_t *words = (uint32_t *)(void *)room->buffer; /* of TP_ARGUMENT_COUNT + 2 at most */
    uint32_t bytes = (count + 2) * (uint32_t)sizeof *words;
    uint32_t sp = (texts - bytes) & ~15u;
    int32_t result;

    words[0] = count;
    for (uint32_t i = 0; i < count; i++) {
        words[1 + i] = texts + at;
        while (room->arguments[at++])
            ;
    }
    words[1 + count] = 0;
    result = process_ask(TP_CALL_MEMORY_MAP, member->endpoint, page_down(sp),
                         TP_STACK_TOP - page_down(sp), TP_MAP_WRITE);
    if (result == 0)
        result = write_space(member, texts, room->arguments, room->argument_bytes);
    if (result == 0)
        result = write_space(member, sp, words, bytes);
    *ret_sp = sp;
    return result < 0 ? result : 0;
}

static int32_t commit(const struct member *member, const struct elf_program *program)
{
    const struct elf_part *last = &program->parts[program->part_count - 1];
    uint32_t end = last->address + last->bytes;

    if (!(last->how & TP_MAP_WRITE)) /* the heap needs a page of its own */
        end = page_up(end);
    return process_ask(TP_CALL_MEMORY_COMMIT, member->endpoint,
                       !(last->how & TP_MAP_WRITE) ? end
                       : last->file_bytes          ? last->address + last->file_bytes
                                                   : page_down(last->address),
                       end, 0);
}

static int32_t build(const struct member *member, int32_t file, const struct elf_program *program,
                     struct exec_room *room, uint32_t *ret_sp)
{
    int32_t result = process_ask(TP_CALL_MEMORY_BEGIN, member->endpoint, 0, 0, 0);

    if (result < 0)
        return result;
    result = load(member, file, program, room);
    if (result == 0)
        result = make_stack(member, room, ret_sp);
    if (result == 0)
        result = commit(member, program);
    if (result < 0)
        process_ask(TP_CALL_MEMORY_ABANDON, member->endpoint, 0, 0, 0);
    return result;
}

/* --- All of it ------------------------------------------------------------------------------- */

/* The last part of the path, as far as it has room, fills a name of 16 bytes. */
static void name_of(const char *path, char name[16])
{
    const char *last = path;
    uint32_t i = 0;

    for (; *path; path++)
        if (*path == '/' && path[1])
            last = path + 1;
    for (; i < 15 && last[i] && last[i] != '/'; i++)
        name[i] = last[i];
    for (; i < 16; i++)
        name[i] = '\0';
}

int32_t exec_program(struct member *member, struct exec_room *room)
{
    struct elf_program program;
    char name[16];
    uint32_t sp = 0;
    int32_t file = process_ask(TP_CALL_OPEN_PROGRAM, (tp_word)room->path, member->endpoint, 0, 0);
    int32_t result;

    if (file < 0)
        return file;
    result = process_ask(TP_CALL_READ, (tp_word)file, (tp_word)room->buffer, ELF_HEAD_BYTES, 0);
    if (result >= 0)
        result = elf_read(room->buffer, (uint32_t)result, &program);
    if (result == 0)
        result = build(member, file, &program, room, &sp);
    process_ask(TP_CALL_CLOSE, (tp_word)file, 0, 0, 0);
    if (result < 0)
        return result;
    /* From here on nothing fails. */
    process_ask(TP_CALL_FILE_EXEC, member->endpoint, 0, 0, 0);
    name_of(room->path, name);
    process_kernel(TP_CALL_SET_ENTRY, member->endpoint, program.entry, sp, (tp_word)name);
    return 0;
}
