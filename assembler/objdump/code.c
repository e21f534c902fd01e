/*
 * Disassembly: each word with its address, the instruction, where it goes by name, its relocations,
 * and the lines of source that it was made from.
 */
#include <stdlib.h>
#include <string.h>

#include "isa/isa.h"
#include "objdump/dump.h"

/* So many zero words in a row are not shown one by one. */
#define LONG_ZEROS 8

/* A section being disassembled. */
struct walk {
    const struct dump *dump;
    const struct tg_obj_section *section;
    uint32_t number, base;
    const struct tg_obj_reloc **relocs; /* by offset */
    size_t reloc_count, reloc_next;
    size_t label_next;   /* the first label that is not behind yet */
    struct tg_line line; /* shown last; file NULL: none */
    uint32_t high[32];   /* what auipc or lui has just put into a register */
    uint32_t has_high;   /* set of such registers */
};

static int compare_relocs(const void *a, const void *b)
{
    const struct tg_obj_reloc *first = *(const struct tg_obj_reloc *const *)a;
    const struct tg_obj_reloc *second = *(const struct tg_obj_reloc *const *)b;

    if (first->offset != second->offset)
        return first->offset < second->offset ? -1 : 1;
    return first < second ? -1 : first > second; /* both are in one array */
}

static bool find_relocs(struct walk *walk)
{
    size_t count = walk->section->reloc_count;

    walk->relocs = calloc(count + 1, sizeof *walk->relocs);
    if (!walk->relocs)
        return false;
    for (size_t i = 0; i < count; i++)
        walk->relocs[i] = &walk->section->relocs[i];
    walk->reloc_count = count;
    if (count)
        qsort(walk->relocs, count, sizeof *walk->relocs, compare_relocs);
    return true;
}

/* --- What stands before an instruction ---------------------------------------------- */

static void print_labels(struct walk *walk, uint32_t address)
{
    const struct dump *dump = walk->dump;

    for (; walk->label_next < dump->label_count; walk->label_next++) {
        const struct dump_label *label = &dump->labels[walk->label_next];

        if (label->section > walk->number ||
            (label->section == walk->number && label->value >= address + 4))
            return;
        if (label->section < walk->number || label->value < address)
            continue;
        walk->has_high = 0; /* someone may come from elsewhere */
        fprintf(dump->to, "\n%08x <", label->value);
        dump_text(dump->to, label->name);
        fputs(">:\n", dump->to);
    }
}

static void print_line(struct walk *walk, uint32_t offset)
{
    const struct dump *dump = walk->dump;
    struct tg_line line;
    const char *text = NULL;
    int length = 0;
    bool is_new_file;

    if (!dump->lines || !tg_lines_find(dump->lines, walk->number, offset, &line))
        return;
    is_new_file = !walk->line.file || strcmp(walk->line.path, line.path) != 0;
    if (!is_new_file && walk->line.line == line.line)
        return;
    walk->line = line;
    if (dump->sources)
        text = dump_source_line(dump->sources, &line, &length);
    if (dump->options->lines || is_new_file || !text) {
        fputs("; ", dump->to);
        dump_text(dump->to, line.file);
        fprintf(dump->to, ":%u\n", line.line);
    }
    if (text) {
        fprintf(dump->to, "; %5u  ", line.line);
        for (int i = 0; i < length; i++)
            fputc((unsigned char)text[i] >= ' ' || text[i] == '\t' ? text[i] : '?', dump->to);
        fputc('\n', dump->to);
    }
}

/* --- Instructions ------------------------------------------------------------------- */

static bool has_reloc(const struct walk *walk, uint32_t offset)
{
    return walk->reloc_next < walk->reloc_count &&
           walk->relocs[walk->reloc_next]->offset < offset + 4;
}

/* Loads and stores, jalr and addi after auipc or lui: the address that both make. */
static void print_made_address(struct walk *walk, const struct tg_insn *insn)
{
    const struct tg_insn_info *info = tg_insn_info(insn->id);
    bool is_based = insn->id == TG_INSN_ADDI || insn->id == TG_INSN_JALR ||
                    info->effect == TG_EFFECT_LOAD || info->effect == TG_EFFECT_STORE;
    uint32_t address;

    if (!is_based || !(walk->has_high >> insn->ra & 1))
        return;
    address = walk->high[insn->ra] + (uint32_t)insn->imm;
    fprintf(walk->dump->to, "  # 0x%08x", address);
    dump_place(walk->dump, walk->number, address);
}

static void print_target(struct walk *walk, const struct tg_insn *insn, uint32_t address)
{
    const struct tg_insn_info *info = tg_insn_info(insn->id);

    if (walk->dump->obj->type == ET_EXEC)
        print_made_address(walk, insn);
    if (info->format == TG_FORMAT_B || info->format == TG_FORMAT_J)
        dump_place(walk->dump, walk->number, address + (uint32_t)insn->imm);
}

/* Remembers what the high-part instructions make; anything else that writes a register forgets. */
static void note_high(struct walk *walk, const struct tg_insn *insn, uint32_t address)
{
    const struct tg_insn_info *info = tg_insn_info(insn->id);
    uint32_t bit = UINT32_C(1) << insn->rd;

    if (info->effect == TG_EFFECT_BRANCH || info->effect == TG_EFFECT_STORE)
        return;
    walk->has_high &= ~bit;
    if (insn->id == TG_INSN_AUIPC || insn->id == TG_INSN_LUI) {
        walk->high[insn->rd] = (uint32_t)insn->imm + (insn->id == TG_INSN_AUIPC ? address : 0);
        walk->has_high |= insn->rd ? bit : 0;
    }
}

static void print_insn(struct walk *walk, uint32_t offset)
{
    uint32_t word = tg_get_word(walk->section->bytes + offset), address = walk->base + offset;
    struct tg_insn insn = tg_decode(word);
    char text[TG_DISASSEMBLY_BYTES];

    tg_disassemble(word, address, text);
    fprintf(walk->dump->to, "%8x:  %08x  %s", address, word, text);
    if (insn.id != TG_INSN_ILLEGAL) {
        if (!has_reloc(walk, offset))
            print_target(walk, &insn, address);
        note_high(walk, &insn, address);
    }
    fputc('\n', walk->dump->to);
}

static void print_relocs(struct walk *walk, uint32_t offset)
{
    for (; has_reloc(walk, offset); walk->reloc_next++) {
        const struct tg_obj_reloc *reloc = walk->relocs[walk->reloc_next];

        if (!walk->dump->options->relocs)
            continue;
        fprintf(walk->dump->to, "%8x:            ", reloc->offset);
        dump_reloc(walk->dump, reloc);
    }
}

/* How many words from here on are zero, up to the next label or relocation. */
static uint32_t count_zeros(const struct walk *walk, uint32_t offset)
{
    uint32_t end = walk->section->size_bytes, start = offset;

    if (walk->label_next < walk->dump->label_count) {
        const struct dump_label *label = &walk->dump->labels[walk->label_next];

        if (label->section == walk->number && label->value - walk->base < end)
            end = label->value - walk->base;
    }
    if (walk->reloc_next < walk->reloc_count && walk->relocs[walk->reloc_next]->offset < end)
        end = walk->relocs[walk->reloc_next]->offset;
    while (offset + 4 <= end && tg_get_word(walk->section->bytes + offset) == 0)
        offset += 4;
    return (offset - start) / 4;
}

static void print_section(struct walk *walk)
{
    const struct tg_obj_section *section = walk->section;
    uint32_t offset = 0;

    while (offset + 4 <= section->size_bytes) {
        uint32_t zeros;

        print_labels(walk, walk->base + offset);
        print_line(walk, offset);
        zeros = count_zeros(walk, offset);
        if (zeros >= LONG_ZEROS) {
            fprintf(walk->dump->to, "%8x:  00000000  (%u words of zero)\n", walk->base + offset,
                    zeros);
            offset += zeros * 4;
            continue;
        }
        print_insn(walk, offset);
        print_relocs(walk, offset);
        offset += 4;
    }
    for (; offset < section->size_bytes; offset++)
        fprintf(walk->dump->to, "%8x:  %02x        .byte 0x%02x\n", walk->base + offset,
                section->bytes[offset], section->bytes[offset]);
}

void dump_code(const struct dump *dump)
{
    for (uint32_t i = 1; i < dump->obj->section_count; i++) {
        const struct tg_obj_section *section = &dump->obj->sections[i];
        struct walk walk = {
            .dump = dump, .section = section, .number = i, .base = dump_base(dump, i)};

        /* A section asked for by name is shown as code whatever it is. */
        if (!section->bytes || !section->size_bytes || !dump_wants(dump, section) ||
            (!(section->flags & SHF_EXECINSTR) && !dump->options->section))
            continue;
        if (!find_relocs(&walk))
            return;
        fputs("\nCode of ", dump->to);
        dump_text(dump->to, section->name);
        fputs(":\n", dump->to);
        print_section(&walk);
        free(walk.relocs);
    }
}
