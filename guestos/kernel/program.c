/* Programs inside the kernel's image, and loading them (boot.h). Only ELF files that tg-ld made get
 * here; still every number in them is checked. */
#include <string.h>

#include "kernel/boot.h"

#define MAGIC         0x464c457fu /* "\x7fELF" */
#define MACHINE       0x5447u
#define TYPE_PROGRAM  2u
#define SEGMENT_LOAD  1u
#define SEGMENT_EXECUTE 1u
#define SEGMENT_WRITE 2u

/* Weak, so that a service without a server is NULL. The names of symbols are those of services.def. */
#define TP_SERVICE(ID, name, ...)                                                                  \
    extern const struct module module_##ID __asm__("k_module_" name) __attribute__((weak));
#include "turnpike/services.def"

const struct module *const k_modules[TP_SERVICE_COUNT] = {
#define TP_SERVICE(ID, ...) &module_##ID,
#include "turnpike/services.def"
};

struct elf_header {
    uint32_t magic;
    uint8_t ident[12];
    uint16_t type, machine;
    uint32_t version, entry, segments, sections, flags;
    uint16_t header_bytes, segment_bytes, segment_count, section_bytes, section_count, names;
};

struct elf_segment {
    uint32_t type, offset, vaddr, paddr, file_bytes, memory_bytes, flags, align;
};

static bool is_sound(const struct elf_header *header, uint32_t bytes)
{
    return bytes >= sizeof *header && header->magic == MAGIC && header->machine == MACHINE &&
           header->type == TYPE_PROGRAM && header->segment_bytes == sizeof(struct elf_segment) &&
           header->segments % sizeof(uint32_t) == 0 && header->segments <= bytes &&
           header->segment_count <= (bytes - header->segments) / sizeof(struct elf_segment);
}

static uint32_t first_page_after(uint32_t address)
{
    return (address + TP_PAGE - 1) & ~(TP_PAGE - 1);
}

static int load_segment(struct process *process, const struct elf_segment *segment,
                        const char *image, uint32_t bytes)
{
    uint32_t first = segment->vaddr & ~(TP_PAGE - 1);
    uint32_t permissions = (segment->flags & SEGMENT_WRITE ? TP_MAP_WRITE : 0) |
                           (segment->flags & SEGMENT_EXECUTE ? TP_MAP_EXECUTE : 0);
    int result;

    if (segment->file_bytes > segment->memory_bytes || segment->offset > bytes ||
        segment->file_bytes > bytes - segment->offset || segment->vaddr >= TP_USER_END ||
        segment->memory_bytes > TP_USER_END - segment->vaddr)
        return -TP_ENOEXEC;
    result = k_space_map(process, first,
                         (first_page_after(segment->vaddr + segment->memory_bytes) - first) / TP_PAGE,
                         permissions);
    if (result < 0)
        return result;
    return k_space_write(process, segment->vaddr, image + segment->offset, segment->file_bytes);
}

int k_load_program(struct process *process, const void *image, uint32_t bytes,
                   uint32_t stack_pages, uint32_t *ret_heap)
{
    const struct elf_header *header = image;
    const struct elf_segment *segment;
    uint32_t heap = TP_USER_FIRST;
    int result;

    if (!is_sound(header, bytes))
        return -TP_ENOEXEC;
    segment = (const void *)((const char *)image + header->segments);
    for (uint32_t i = 0; i < header->segment_count; i++, segment++) {
        uint32_t end = first_page_after(segment->vaddr + segment->memory_bytes);

        if (segment->type != SEGMENT_LOAD || segment->memory_bytes == 0)
            continue;
        result = load_segment(process, segment, image, bytes);
        if (result < 0)
            return result;
        heap = end > heap ? end : heap;
    }
    result = k_space_map(process, TP_STACK_TOP - stack_pages * TP_PAGE, stack_pages, TP_MAP_WRITE);
    if (result < 0)
        return result;
    k_process_set_entry(process, header->entry, TP_STACK_TOP);
    *ret_heap = heap;
    return 0;
}
