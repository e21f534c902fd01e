/*
 * Program files: ELF32 executables of TG32 (docs/isa.md section 10). Each field is checked before
 * anything follows it; a file that breaks a rule is no program.
 */
#include "isa/elf_tg32.h"
#include "process.h"

/* ELF32's header and program header, as its standard lays them out. */
struct elf_header {
    unsigned char magic[4], class, data, ident_version, abi, abi_version, padding[7];
    uint16_t type, machine;
    uint32_t version, entry, segments_offset, sections_offset, flags;
    uint16_t header_bytes, segment_bytes, segment_count, section_bytes, section_count, names;
};

struct elf_segment {
    uint32_t type, offset, address, physical, file_bytes, bytes, flags, align;
};

#define CLASS_32        1
#define DATA_LITTLE     1
#define VERSION         1
#define EXECUTABLE      2

#define SEGMENT_LOAD    1
#define SEGMENT_DYNAMIC 2
#define SEGMENT_INTERP  3

#define FLAG_EXECUTE    1u
#define FLAG_WRITE      2u
#define FLAG_READ       4u

/* Programs end below here, so that there is room for a heap. */
#define PROGRAM_END 0x40000000u

static void copy(void *to, const unsigned char *from, uint32_t bytes)
{
    unsigned char *target = to;

    for (uint32_t i = 0; i < bytes; i++)
        target[i] = from[i];
}

static bool is_header_good(const struct elf_header *h, uint32_t bytes)
{
    return h->magic[0] == 0x7f && h->magic[1] == 'E' && h->magic[2] == 'L' && h->magic[3] == 'F' &&
           h->class == CLASS_32 && h->data == DATA_LITTLE && h->ident_version == VERSION &&
           h->abi == 0 && h->type == EXECUTABLE && h->machine == EM_TG32 && h->version == VERSION &&
           h->flags == EF_TG32_NONE && h->header_bytes == sizeof *h &&
           h->segment_bytes == sizeof(struct elf_segment) && h->segment_count != 0 &&
           h->segment_count <= TG_ELF_MAX_SEGMENTS && h->segments_offset <= bytes &&
           h->segment_count * sizeof(struct elf_segment) <= bytes - h->segments_offset;
}

/* Whether a segment lies in the file and in memory, at or behind the page where free_from is. */
static bool is_segment_good(const struct elf_segment *s, uint32_t free_from)
{
    return s->file_bytes <= s->bytes && s->offset <= INT32_MAX &&
           s->file_bytes <= INT32_MAX - s->offset && s->address >= free_from &&
           s->address < PROGRAM_END && s->bytes <= PROGRAM_END - s->address &&
           (s->flags & ~(FLAG_READ | FLAG_WRITE | FLAG_EXECUTE)) == 0;
}

static struct elf_part part_of(const struct elf_segment *s)
{
    return (struct elf_part){
        .offset = s->offset,
        .file_bytes = s->file_bytes,
        .address = s->address,
        .bytes = s->bytes,
        .how = (s->flags & FLAG_WRITE ? TP_MAP_WRITE : 0) |
               (s->flags & FLAG_EXECUTE ? TP_MAP_EXECUTE : 0),
    };
}

/* The entry is an instruction that comes from the file. */
static bool is_entry_good(const struct elf_program *program)
{
    for (uint32_t i = 0; i < program->part_count; i++) {
        const struct elf_part *part = &program->parts[i];

        if (part->how & TP_MAP_EXECUTE && program->entry >= part->address &&
            program->entry - part->address < part->file_bytes)
            return program->entry % 4 == 0;
    }
    return false;
}

int32_t elf_read(const unsigned char *file, uint32_t bytes, struct elf_program *ret_program)
{
    struct elf_header header;
    struct elf_program program = {0};
    uint32_t free_from = TP_USER_FIRST;

    if (bytes < sizeof header)
        return -TP_ENOEXEC;
    copy(&header, file, sizeof header);
    if (!is_header_good(&header, bytes))
        return -TP_ENOEXEC;
    for (uint32_t i = 0; i < header.segment_count; i++) {
        struct elf_segment segment;

        copy(&segment, file + header.segments_offset + i * sizeof segment, sizeof segment);
        if (segment.type == SEGMENT_INTERP || segment.type == SEGMENT_DYNAMIC)
            return -TP_ENOEXEC;
        if (segment.type != SEGMENT_LOAD || segment.bytes == 0)
            continue;
        if (program.part_count == ELF_PARTS || !is_segment_good(&segment, free_from))
            return -TP_ENOEXEC;
        program.parts[program.part_count++] = part_of(&segment);
        free_from = (segment.address + segment.bytes + TP_PAGE - 1) & ~(TP_PAGE - 1);
    }
    program.entry = header.entry;
    if (!is_entry_good(&program))
        return -TP_ENOEXEC;
    *ret_program = program;
    return 0;
}
