/* The walk over an object, and over the members of an archive. See retarget.h. */
#include "retarget/retarget.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "isa/rv32.h"
#include "object/archive.h"
#include "object/fail.h"
#include "retarget/rewrite.h"

/* e_flags of RISC-V: the registers that pass floating-point numbers, and the set of 16 registers.
 */
#define RISCV_FLOAT_ABI 0x6
#define RISCV_RVE       0x8

/* Section types that speak about symbols by number, for clang's linker only. */
#define LLVM_FIRST       0x6fff4c00
#define LLVM_LAST        0x6fff4cff
#define RISCV_ATTRIBUTES 0x70000003

static const struct {
    const char *mnemonic;
    uint32_t match, mask;
} refused[] = {
#define REFUSED_INSN(mnemonic, match, mask) {mnemonic, match, mask},
#include "retarget/refused.def"
};

/* --- Complaints ---------------------------------------------------------------------------------
 */

const char *refused_mnemonic(uint32_t word)
{
    const struct tg_rv32_info *row;

    for (size_t i = 0; (row = tg_rv32_info(i)) != NULL; i++)
        if ((word & row->mask) == row->match)
            return row->mnemonic;
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        if ((word & refused[i].mask) == refused[i].match)
            return refused[i].mnemonic;
    return "unknown instruction";
}

static void complain(struct rewrite *w, const char *where, const char *format, va_list arguments)
{
    char what[400], line[1000];

    w->complaint_count++;
    vsnprintf(what, sizeof what, format, arguments);
    snprintf(line, sizeof line, "%.300s: %s%s", w->obj->name, where, what);
    tg_obj_make_printable(line);
    w->options->complain(w->options->context, line);
}

void rewrite_complain(struct rewrite *w, const struct tg_obj_section *section, uint32_t offset,
                      const char *format, ...)
{
    char where[240];
    va_list arguments;

    snprintf(where, sizeof where, "%.200s+0x%x: ", section->name, offset);
    va_start(arguments, format);
    complain(w, where, format, arguments);
    va_end(arguments);
}

void rewrite_complain_object(struct rewrite *w, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    complain(w, "", format, arguments);
    va_end(arguments);
}

/* --- Objects ------------------------------------------------------------------------------------
 */

static void check_header(struct rewrite *w)
{
    if (w->obj->type != ET_REL)
        rewrite_complain_object(w, "this is a linked program; objects can be rewritten, which then "
                                   "tg-ld links");
    if (w->obj->flags & RISCV_FLOAT_ABI)
        rewrite_complain_object(w, "it passes floating-point numbers in registers that TG32 "
                                   "lacks; compile with -mabi=ilp32");
    if (w->obj->flags & RISCV_RVE)
        rewrite_complain_object(w, "it is for RISC-V with 16 registers; compile with "
                                   "-march=rv32ima -mabi=ilp32");
}

/* What says nothing about TG32, or speaks of things by numbers that change, or is not wanted. */
static bool is_dropped(const struct rewrite *w, const struct tg_obj_section *section)
{
    bool is_debug = strncmp(section->name, ".debug_", 7) == 0;

    return (w->options->without_debug && is_debug && strcmp(section->name, ".debug_frame") != 0) ||
           section->type == RISCV_ATTRIBUTES ||
           (section->type >= LLVM_FIRST && section->type <= LLVM_LAST &&
            !(section->flags & SHF_ALLOC));
}

static void check_section(struct rewrite *w, const struct tg_obj_section *section)
{
    if (section->type >= SHT_LOPROC && section->type <= SHT_HIPROC)
        rewrite_complain_object(w,
                                "section %.200s has a type of RISC-V's own, 0x%x, that TG32 "
                                "does not know",
                                section->name, section->type);
    if (strncmp(section->name, ".gnu.lto_", 9) == 0)
        rewrite_complain_object(w,
                                "section %.200s holds what gcc compiles when it links; compile "
                                "without -flto",
                                section->name);
}

bool rewrite_keep_symbols(struct tg_obj *obj, const bool *is_kept)
{
    uint32_t *numbers = tg_obj_alloc(obj, obj->symbol_count * sizeof *numbers);
    uint32_t count = 1;

    if (!numbers)
        return false;
    for (uint32_t i = 1; i < obj->symbol_count; i++)
        if (is_kept[i]) {
            numbers[i] = count;
            obj->symbols[count++] = obj->symbols[i];
        }
    obj->symbol_count = count;
    for (uint32_t i = 1; i < obj->section_count; i++)
        for (size_t k = 0; k < obj->sections[i].reloc_count; k++)
            obj->sections[i].relocs[k].symbol = numbers[obj->sections[i].relocs[k].symbol];
    for (size_t i = 0; i < obj->group_count; i++)
        obj->groups[i].signature = numbers[obj->groups[i].signature];
    return true;
}

/* Drops groups of which no section is left. */
static bool compact_groups(struct tg_obj *obj)
{
    uint32_t *numbers = tg_obj_alloc(obj, (obj->group_count + 1) * sizeof *numbers);
    uint32_t count = 0;

    if (!numbers)
        return false;
    for (uint32_t i = 1; i < obj->section_count; i++)
        numbers[obj->sections[i].group] = 1;
    numbers[0] = 0;
    for (uint32_t group = 1; group <= obj->group_count; group++)
        if (numbers[group]) {
            obj->groups[count++] = obj->groups[group - 1];
            numbers[group] = count;
        }
    obj->group_count = count;
    for (uint32_t i = 1; i < obj->section_count; i++)
        obj->sections[i].group = numbers[obj->sections[i].group];
    return true;
}

/* Moves the kept sections together, renumbers what speaks of them, and drops the others' symbols.
 */
static bool compact(struct rewrite *w)
{
    struct tg_obj *obj = w->obj;
    uint32_t *numbers = tg_obj_alloc(obj, obj->section_count * sizeof *numbers);
    bool *is_kept = tg_obj_alloc(obj, obj->symbol_count * sizeof *is_kept);
    uint32_t count = 1;

    if (!numbers || !is_kept)
        return false;
    for (uint32_t i = 1; i < obj->section_count; i++)
        if (!is_dropped(w, &obj->sections[i])) {
            numbers[i] = count;
            obj->sections[count++] = obj->sections[i];
        }
    for (uint32_t i = 1; i < obj->symbol_count; i++) {
        uint32_t *section = &obj->symbols[i].section;
        bool is_inside = *section != TG_OBJ_UNDEFINED && *section < obj->section_count;

        if (is_inside)
            *section = numbers[*section];
        is_kept[i] = !is_inside || *section != TG_OBJ_UNDEFINED;
    }
    obj->section_count = count;
    for (uint32_t i = 1; i < count; i++)
        obj->sections[i].link = numbers[obj->sections[i].link];
    return compact_groups(obj) && rewrite_keep_symbols(obj, is_kept);
}

/* A name without blanks and control characters; NULL when memory is short. */
static const char *tidy_name(struct tg_obj *obj, const char *name)
{
    size_t length = strlen(name);
    char *copy = tg_obj_alloc(obj, length + 1);

    for (size_t i = 0; copy && i < length; i++)
        copy[i] = (char)((unsigned char)name[i] <= ' ' || name[i] == 0x7f ? '_' : name[i]);
    return copy;
}

/* Local names that GNU as makes are none for TG32, and mapping symbols may name an architecture. */
static bool tidy_names(struct tg_obj *obj)
{
    for (uint32_t i = 1; i < obj->symbol_count; i++) {
        struct tg_obj_symbol *symbol = &obj->symbols[i];

        if (symbol->binding != STB_LOCAL || symbol->type == STT_FILE || symbol->type == STT_SECTION)
            continue;
        if (strncmp(symbol->name, "$xrv", 4) == 0)
            symbol->name = "$x";
        symbol->name = tidy_name(obj, symbol->name);
        if (!symbol->name)
            return false;
    }
    return true;
}

static void rewrite_sections(struct rewrite *w)
{
    struct tg_obj *obj = w->obj;

    if (!compact(w) || !tidy_names(obj) || !rewrite_find_data(w) || !rewrite_choose_bases(w)) {
        rewrite_complain_object(w, "no memory left to rewrite it");
        return;
    }
    for (uint32_t i = 1; i < obj->section_count; i++) {
        check_section(w, &obj->sections[i]);
        if (w->is_data[i])
            rewrite_code(w, i);
        rewrite_relocs(w, i);
    }
    if (w->complaint_count == 0 && !rewrite_differences(w))
        rewrite_complain_object(w, "no memory left to rewrite it");
}

size_t tg_retarget_object(struct tg_obj *obj, const struct tg_retarget_options *options)
{
    struct rewrite w = {.obj = obj, .options = options};

    check_header(&w);
    if (w.complaint_count == 0)
        rewrite_sections(&w);
    obj->machine = EM_TG32;
    obj->flags = EF_TG32_NONE;
    return w.complaint_count;
}

/* --- Files --------------------------------------------------------------------------------------
 */

/* Reads and rewrites one object; NULL after complaints, whose number is added to *count. */
static struct tg_obj *rewrite_bytes(const void *bytes, size_t size_bytes, const char *name,
                                    const struct tg_retarget_options *options, size_t *count)
{
    struct tg_obj *obj;
    struct tg_error error;
    size_t complaints;

    if (tg_obj_read(bytes, size_bytes, name, EM_RISCV, &obj, &error) != TG_OK) {
        options->complain(options->context, error.text);
        *count += 1;
        return NULL;
    }
    complaints = tg_retarget_object(obj, options);
    *count += complaints;
    if (complaints == 0)
        return obj;
    tg_obj_destroy(obj);
    return NULL;
}

static size_t rewrite_single(const void *bytes, size_t size_bytes, const char *name,
                             const struct tg_retarget_options *options, uint8_t **ret_bytes,
                             size_t *ret_size_bytes)
{
    struct tg_error error;
    size_t count = 0;
    struct tg_obj *obj = rewrite_bytes(bytes, size_bytes, name, options, &count);

    if (obj && tg_obj_write(obj, ret_bytes, ret_size_bytes, &error) != TG_OK) {
        options->complain(options->context, error.text);
        count++;
    }
    tg_obj_destroy(obj);
    return count;
}

/* Appends the rewritten member to an archive. */
static size_t rewrite_member(const struct tg_archive_member *member, const char *archive_name,
                             const struct tg_retarget_options *options,
                             struct tg_archive_writer *writer)
{
    char name[600];
    struct tg_error error;
    struct tg_obj *obj;
    size_t count = 0;

    snprintf(name, sizeof name, "%.300s(%.250s)", archive_name, member->name);
    obj = rewrite_bytes(member->bytes, member->size_bytes, name, options, &count);
    if (obj && tg_archive_add(writer, member->name, obj, &error) != TG_OK) {
        options->complain(options->context, error.text);
        count++;
    }
    tg_obj_destroy(obj);
    return count;
}

static size_t rewrite_archive(const struct tg_archive *archive, const char *name,
                              const struct tg_retarget_options *options, uint8_t **ret_bytes,
                              size_t *ret_size_bytes)
{
    struct tg_archive_writer *writer = tg_archive_create();
    struct tg_error error;
    size_t count = 0;

    for (size_t i = 0; writer && i < archive->count; i++)
        count += rewrite_member(&archive->members[i], name, options, writer);
    if (!writer) {
        snprintf(error.text, sizeof error.text, "%.300s: no memory left to rewrite it", name);
        options->complain(options->context, error.text);
        count = 1;
    } else if (count == 0 &&
               tg_archive_finish(writer, name, ret_bytes, ret_size_bytes, &error) != TG_OK) {
        options->complain(options->context, error.text);
        count = 1;
    }
    tg_archive_discard(writer);
    return count;
}

size_t tg_retarget_file(const void *bytes, size_t size_bytes, const char *name,
                        const struct tg_retarget_options *options, uint8_t **ret_bytes,
                        size_t *ret_size_bytes)
{
    struct tg_archive *archive;
    struct tg_error error;
    size_t count;

    if (!tg_archive_is(bytes, size_bytes))
        return rewrite_single(bytes, size_bytes, name, options, ret_bytes, ret_size_bytes);
    if (tg_archive_read(bytes, size_bytes, name, &archive, &error) != TG_OK) {
        options->complain(options->context, error.text);
        return 1;
    }
    count = rewrite_archive(archive, name, options, ret_bytes, ret_size_bytes);
    tg_archive_destroy(archive);
    return count;
}
