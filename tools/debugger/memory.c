/*
 * Memory: as numbers, texts and instructions, virtual and physical; and how an address is translated.
 */
#include "memory.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "commands.h"
#include "debugger.h"
#include "isa/isa.h"
#include "sourcecode.h"

#define MOST_UNITS  4096
#define TEXT_BYTES  1024

static uint32_t word_of(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

static bool read_bytes(struct debugger *d, bool is_physical, uint32_t address, void *bytes, size_t count)
{
    return is_physical ? tg_machine_ram_read(d->machine, address, bytes, count) == TG_OK
                       : view_read(d, address, bytes, count);
}

static bool complain_unreadable(struct debugger *d, const char *command, bool is_physical, uint32_t address)
{
    struct tg_walk walk;
    if (is_physical)
        return complain(d, "%s: physical 0x%08" PRIx32 " is not RAM", command, address);
    tg_machine_walk_from(d->machine, view_ptroot(d), address, TG_ACCESS_LOAD, 0, &walk);
    if (walk.reason != 0)
        return complain(d, "%s: 0x%08" PRIx32 " is not mapped here: %s", command, address, tg_page_reason(walk.reason));
    return complain(d, "%s: 0x%08" PRIx32 " cannot be read", command, address);
}

/* --- x ---------------------------------------------------------------------------------------------------------------------------- */

/* Reads NFU: a count, a letter, a size, in any order after the count. False after complaining. */
static bool read_format(struct debugger *d, const struct args *args, struct memory_format *format)
{
    const char *at = args->format;
    uint64_t count = 1;
    bool has_size = false;
    if (isdigit((unsigned char)*at)) {
        for (count = 0; isdigit((unsigned char)*at) && count <= MOST_UNITS; at++)
            count = count * 10 + (uint64_t)(*at - '0');
        if (count == 0 || count > MOST_UNITS)
            return complain(d, "%s/%s: expected a count, 1 to %d", args->name, args->format, MOST_UNITS);
    }
    format->count = (uint32_t)count;
    for (; *at != '\0'; at++) {
        static const char sizes[] = "bhwg";
        const char *size = strchr(sizes, *at);
        if (size != NULL) {
            format->bytes = 1u << (size - sizes);
            has_size = true;
        } else if (strchr("xdutoacis", *at) != NULL) {
            format->letter = *at;
        } else {
            return complain(d, "%s/%s: expected a count, a letter of x d u t o a c i s, and a size of b h w g", args->name,
                            args->format);
        }
    }
    if (format->letter == 'i' || format->letter == 'a' || (format->letter != 'c' && format->bytes == 0))
        format->bytes = has_size && format->letter != 'i' && format->letter != 'a' ? format->bytes : 4;
    if (format->letter == 'c' && !has_size)
        format->bytes = 1;
    return true;
}

static void say_place(struct debugger *d, bool is_physical, uint32_t address)
{
    char where[VIEW_ADDRESS_BYTES];
    if (is_physical)
        say(d, "phys 0x%08" PRIx32 ":", address);
    else
        say(d, "%s:", view_address_text(d, address, where));
}

void memory_show_instruction(struct debugger *d, uint32_t address, uint32_t word)
{
    char text[TG_DISASSEMBLY_BYTES], where[VIEW_ADDRESS_BYTES];
    const struct tg_insn insn = tg_decode(word);
    const struct tg_insn_info *info = tg_insn_info(insn.id);
    tg_disassemble(word, address, text);
    say(d, "%s", text);
    if (insn.id != TG_INSN_ILLEGAL && (info->effect == TG_EFFECT_BRANCH || info->effect == TG_EFFECT_JUMP)) {
        const struct tg_format_info *format = tg_format_info(info->format);
        const char *name = view_address_text(d, address + (uint32_t)insn.imm, where);
        const char *bracket = strchr(name, '<');
        if (format->imm_field != TG_FIELD_COUNT && strchr(info->operands, 't') != NULL && bracket != NULL)
            say(d, " %s", bracket);
    }
}

/* Instructions, one a line; the address after them. */
static bool show_instructions(struct debugger *d, const char *command, const struct memory_format *format, bool is_physical,
                              uint32_t *address)
{
    for (uint32_t i = 0; i < format->count; i++, *address += 4) {
        uint8_t bytes[4];
        if (!read_bytes(d, is_physical, *address, bytes, sizeof bytes))
            return complain_unreadable(d, command, is_physical, *address);
        say(d, "%s ", !is_physical && *address == view_frame(d)->pc ? "=>" : "  ");
        say_place(d, is_physical, *address);
        say(d, "  ");
        memory_show_instruction(d, *address, word_of(bytes));
        say(d, "\n");
    }
    return true;
}

static bool show_strings(struct debugger *d, const char *command, const struct memory_format *format, uint32_t *address)
{
    char text[TEXT_BYTES];
    for (uint32_t i = 0; i < format->count; i++) {
        uint8_t byte;
        uint32_t next;
        if (!view_read(d, *address, &byte, 1))
            return complain_unreadable(d, command, false, *address);
        tg_format_string(view_scope(d), *address, 200, text, sizeof text, &next);
        say_place(d, false, *address);
        say(d, "  %s\n", text);
        *address = next;
    }
    return true;
}

/* Units in lines of 16 bytes; what cannot be read ends it. */
static bool show_units(struct debugger *d, const char *command, const struct memory_format *format, bool is_physical,
                       uint32_t *address)
{
    uint32_t in_line = format->letter == 't' || format->letter == 'a' ? (format->bytes == 1 ? 4 : 2) : 16 / format->bytes;
    char text[TEXT_BYTES];
    for (uint32_t i = 0; i < format->count; i++, *address += format->bytes) {
        uint8_t bytes[8];
        if (!read_bytes(d, is_physical, *address, bytes, format->bytes)) {
            say(d, "%s", i % in_line != 0 ? "\n" : "");
            return complain_unreadable(d, command, is_physical, *address);
        }
        if (i % in_line == 0)
            say_place(d, is_physical, *address);
        tg_format_unit(view_scope(d), bytes, format->bytes, format->letter, text, sizeof text);
        say(d, "  %s%s", text, i % in_line == in_line - 1 || i == format->count - 1 ? "\n" : "");
    }
    return true;
}

/* $_ and $__: the last address that was shown, and what is there. */
static void note_last(struct debugger *d, const struct memory_format *format, uint32_t address)
{
    uint32_t word = 0, last = address - (format->bytes > 0 ? format->bytes : 1);
    const struct tg_value place = tg_value_of(tg_type_of(TG_PLAIN_UNSIGNED), last);
    values_name(d, "_", &place);
    if (view_read(d, last, &word, format->bytes < 4 && format->bytes > 0 ? format->bytes : 4)) {
        const struct tg_value value = tg_value_of(tg_type_of(TG_PLAIN_UNSIGNED), word);
        values_name(d, "__", &value);
    }
}

static bool examine(struct debugger *d, struct args *args, bool is_physical)
{
    struct memory_format format = d->memory;
    struct tg_value value;
    uint32_t address = d->memory_next;
    if (format.letter == 0)
        format = (struct memory_format){1, 4, 'x'};
    format.count = args->is_repeat ? format.count : 1;
    if (!args->is_repeat && !read_format(d, args, &format))
        return false;
    if (format.letter == 's' && is_physical)
        return complain(d, "%s/s: texts are shown at virtual addresses; x/s does that", args->name);
    if (!args_is_empty(args)) {
        if (!view_evaluate(d, args->name, args->at, &value) || !view_number(d, args->name, &value, &address))
            return false;
        is_physical = is_physical || value.place == TG_PLACE_PHYSICAL;
        if (value.place == TG_PLACE_PHYSICAL)
            address = value.address;
    }
    bool is_fine = format.letter == 'i'   ? show_instructions(d, args->name, &format, is_physical, &address)
                   : format.letter == 's' ? show_strings(d, args->name, &format, &address)
                                          : show_units(d, args->name, &format, is_physical, &address);
    d->memory = format;
    d->memory_next = address;
    note_last(d, &format, address);
    return is_fine;
}

bool memory_x(struct debugger *d, struct args *args)
{
    return examine(d, args, false);
}

bool memory_xp(struct debugger *d, struct args *args)
{
    return examine(d, args, true);
}

/* --- disassemble -------------------------------------------------------------------------------------------------------------------- */

#define PLAIN_INSNS 16 /* where no function is known */

static void mark_line(struct debugger *d, uint32_t address)
{
    const struct tg_debug_point *point = NULL;
    uint32_t number = 0;
    bool is_break = false;
    while ((point = tg_debug_point_after(d->core, number)) != NULL) {
        number = point->number;
        for (uint32_t i = 0; point->kind == TG_DEBUG_POINT_BREAK && i < point->address_count; i++)
            is_break = is_break || point->addresses[i] == address;
    }
    say(d, "%c%s ", is_break ? '*' : ' ', address == view_frame(d)->pc ? "=>" : "  ");
}

/* [first, end) with lines of source between, where they begin. */
static bool show_code(struct debugger *d, const char *command, uint32_t first, uint32_t end, bool with_source)
{
    struct tg_program *program = view_scope(d)->program;
    struct tg_line_span span;
    unsigned line = 0;
    for (uint32_t address = first; address < end; address += 4) {
        uint8_t bytes[4];
        char where[VIEW_ADDRESS_BYTES];
        if (!view_read(d, address, bytes, sizeof bytes))
            return complain_unreadable(d, command, false, address);
        if (with_source && program != NULL && tg_program_line_at(program, address, &span) && span.line != line) {
            line = span.line;
            sourcecode_show_line(d, span.path, span.file, span.line);
        }
        mark_line(d, address);
        say(d, "%s:  ", view_address_text(d, address, where));
        memory_show_instruction(d, address, word_of(bytes));
        say(d, "\n");
    }
    return true;
}

/* disassemble [PLACE [to END]], /s with source. */
bool memory_disassemble(struct debugger *d, struct args *args)
{
    struct tg_function function;
    struct tg_program *program = view_scope(d)->program;
    struct tg_value value;
    const char *text = args->at;
    uint32_t first = view_frame(d)->pc, end;
    if (strspn(args->format, "ms") != strlen(args->format))
        return complain(d, "%s/%s: /s shows source between", args->name, args->format);
    if (!args_is_empty(args) &&
        (!view_evaluate_part(d, args->name, &text, &value) || !view_number(d, args->name, &value, &first)))
        return false;
    if (strncmp(text, "to", 2) == 0 || *text == ',') {
        text += *text == ',' ? 1 : 2;
        text += strspn(text, " ");
        if (!view_evaluate_part(d, args->name, &text, &value) || !view_number(d, args->name, &value, &end))
            return false;
    } else if (program != NULL && tg_program_function_at(program, first, &function)) {
        first = function.first;
        end = function.end;
    } else {
        end = first + 4 * PLAIN_INSNS;
    }
    if (*text != '\0')
        return complain(d, "%s: did not expect \"%.60s\"", args->name, text);
    if (end - first > 4 * MOST_UNITS)
        return complain(d, "%s: 0x%08" PRIx32 " to 0x%08" PRIx32 " is more than %d instructions", args->name, first, end,
                        MOST_UNITS);
    return show_code(d, args->name, first & ~UINT32_C(3), end, args->format[0] != '\0');
}

/* --- Translation -------------------------------------------------------------------------------------------------------------------- */

static void say_entry(struct debugger *d, const char *what, uint32_t paddr, uint32_t entry, bool is_page, bool fails)
{
    say(d, "  %s entry at physical 0x%08" PRIx32 " = 0x%08" PRIx32 ": ", what, paddr, entry);
    if (!(entry & TG_PTE_PRESENT))
        say(d, "not present");
    else if (!is_page)
        say(d, "table at 0x%08" PRIx32, entry & TG_PTE_PAGE);
    else
        say(d, "page 0x%08" PRIx32 ", %c%c%c, for rings 0 to %" PRIu32 "%s%s%s", entry & TG_PTE_PAGE,
            entry & TG_PTE_READ ? 'r' : '-', entry & TG_PTE_WRITE ? 'w' : '-', entry & TG_PTE_EXECUTE ? 'x' : '-',
            (entry & TG_PTE_RING) >> TG_PTE_RING_SHIFT, entry & TG_PTE_ACCESSED ? ", accessed" : "",
            entry & TG_PTE_DIRTY ? ", dirty" : "", entry & TG_PTE_GLOBAL ? ", global" : "");
    say(d, "%s\n", fails ? "  <- refuses" : "");
}

/* walk ADDRESS [fetch|load|store] [RING]: the page tables as the CPU has them now. */
bool memory_walk(struct debugger *d, struct args *args)
{
    static const char *const accesses[] = {"fetch", "load", "store"};
    struct tg_value value;
    struct tg_walk walk;
    const char *text = args->at;
    uint32_t address = view_frame(d)->pc, ring = view_frame(d)->ring;
    enum tg_access access = args_is_empty(args) ? TG_ACCESS_FETCH : TG_ACCESS_LOAD;
    if (!args_is_empty(args) &&
        (!view_evaluate_part(d, args->name, &text, &value) || !view_number(d, args->name, &value, &address)))
        return false;
    struct args rest = {.name = args->name, .at = text};
    char word[ARGS_WORD_BYTES];
    while (args_word(d, &rest, word)) {
        bool is_access = false;
        for (size_t i = 0; i < sizeof accesses / sizeof accesses[0]; i++)
            if (strcmp(word, accesses[i]) == 0) {
                access = (enum tg_access)i;
                is_access = true;
            }
        if (!is_access && (strlen(word) != 1 || word[0] < '0' || word[0] > '3'))
            return complain(d, "%s: \"%s\": expected fetch, load or store, or a ring, 0 to 3", args->name, word);
        if (!is_access)
            ring = (uint32_t)(word[0] - '0');
    }
    tg_machine_walk_from(d->machine, view_ptroot(d), address, access, ring, &walk);
    say(d, "a %s at 0x%08" PRIx32 " from ring %" PRIu32 ":\n", tg_access_name(access), address, ring);
    if (!walk.is_paging) {
        say(d, "  paging is off: physical 0x%08" PRIx32 "\n", address);
        return true;
    }
    bool in_directory = walk.reason != 0 && walk.reason <= TG_PAGE_DIRECTORY_RESERVED;
    say_entry(d, "directory", walk.directory_paddr, walk.directory_entry, false, in_directory);
    if (!in_directory)
        say_entry(d, "table", walk.table_paddr, walk.table_entry, true, walk.reason != 0);
    if (walk.reason != 0)
        say(d, "  refused: %s\n", tg_page_reason(walk.reason));
    else
        say(d, "  allowed: physical 0x%08" PRIx32 "\n", walk.paddr);
    return true;
}
