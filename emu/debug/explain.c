/* See explain.h. One function a cause, chosen by the vector; each adds its lines to a bounded text. */
#include "debug/explain.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct text {
    char *bytes;
    size_t size, used;
};

__attribute__((format(printf, 2, 3))) static void add(struct text *text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int written = vsnprintf(text->bytes + text->used, text->size - text->used, format, arguments);
    va_end(arguments);
    if (written > 0) {
        size_t left = text->size - text->used - 1;
        text->used += (size_t)written < left ? (size_t)written : left;
    }
}

static struct text text_begin(char *buf, size_t size)
{
    buf[0] = '\0';
    return (struct text){buf, size, 0};
}

static const char *or_unknown(const char *name)
{
    return name != NULL ? name : "unknown";
}

void tg_explain_address(const struct tg_machine *machine, uint32_t address, char *buf, size_t size)
{
    uint32_t offset;
    const char *name = tg_machine_symbol(machine, address, &offset);
    if (name == NULL)
        snprintf(buf, size, "0x%08" PRIx32, address);
    else if (offset == 0)
        snprintf(buf, size, "0x%08" PRIx32 " <%s>", address, name);
    else
        snprintf(buf, size, "0x%08" PRIx32 " <%s+%" PRIu32 ">", address, name, offset);
}

/* The instruction at a virtual address as ring fetches it now, where it can. */
static void add_instruction(struct text *text, const struct tg_machine *machine, uint32_t cpu, uint32_t pc,
                            uint32_t ring)
{
    struct tg_walk walk;
    uint8_t bytes[4];
    char words[TG_DISASSEMBLY_BYTES];
    tg_machine_walk(machine, cpu, pc, TG_ACCESS_FETCH, ring, &walk);
    if (walk.reason != 0 || tg_machine_ram_read(machine, walk.paddr, bytes, sizeof bytes) != TG_OK)
        return;
    tg_disassemble((uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24,
                   pc, words);
    add(text, "  instruction: %s\n", words);
}

/* The page walk of address as it goes now, with the entry that refuses. */
static void add_walk(struct text *text, const struct tg_machine *machine, const struct tg_entry_event *event,
                     uint32_t access, uint32_t ring)
{
    struct tg_walk walk;
    tg_machine_walk(machine, event->cpu, event->address, (enum tg_access)access, ring, &walk);
    if (!walk.is_paging) {
        add(text, "  page walk: paging is off now\n");
        return;
    }
    add(text, "  page walk: directory entry at 0x%08" PRIx32 " = 0x%08" PRIx32 "%s\n", walk.directory_paddr,
        walk.directory_entry, walk.reason != 0 && walk.reason <= TG_PAGE_DIRECTORY_RESERVED ? "  <- fails here" : "");
    if (walk.table_paddr == 0 && walk.table_entry == 0 && walk.reason <= TG_PAGE_DIRECTORY_RESERVED &&
        walk.reason != 0)
        return;
    uint32_t entry = walk.table_entry;
    add(text, "             table entry at 0x%08" PRIx32 " = 0x%08" PRIx32 "%s\n", walk.table_paddr, entry,
        walk.reason != 0 ? "  <- fails here" : "");
    if (entry & TG_PTE_PRESENT)
        add(text, "             page 0x%08" PRIx32 ", %c%c%c, for rings 0 to %" PRIu32 "\n", entry & TG_PTE_PAGE,
            entry & TG_PTE_READ ? 'r' : '-', entry & TG_PTE_WRITE ? 'w' : '-', entry & TG_PTE_EXECUTE ? 'x' : '-',
            (entry & TG_PTE_RING) >> TG_PTE_RING_SHIFT);
    if (walk.reason == 0)
        add(text, "             (the tables allow it now: they have changed since)\n");
}

static void add_page(struct text *text, const struct tg_machine *machine, const struct tg_entry_event *event)
{
    uint32_t access = event->error & 0xf, reason = event->error >> 4 & 0xf, ring = event->error >> 8 & 3;
    add(text, "  ring %" PRIu32 " tried a %s at virtual address 0x%08" PRIx32 ": %s\n", ring,
        or_unknown(tg_access_name(access)), event->address, or_unknown(tg_page_reason(reason)));
    add_walk(text, machine, event, access, ring);
    if (reason == TG_PAGE_RING)
        add(text, "  needed: a lower ring number, or a page whose ring field is at least %" PRIu32 "\n", ring);
    else if (reason == TG_PAGE_PERMISSION)
        add(text, "  needed: %s permission on the page\n",
            access == TG_ACCESS_FETCH   ? "execute"
            : access == TG_ACCESS_LOAD  ? "read"
            : access == TG_ACCESS_STORE ? "write"
                                        : "read and write");
    else
        add(text, "  needed: a present entry at that place, and tlbinv only where permission was taken away\n");
}

static void add_port(struct text *text, const struct tg_machine *machine, const struct tg_entry_event *event)
{
    uint32_t access = event->error & 0xf, bytes = event->error >> 4 & 7, ring = event->error >> 8 & 3;
    struct tg_cpu_view cpu;
    tg_machine_cpu(machine, event->cpu, &cpu);
    uint32_t iomap = cpu.creg[TG_CR_IOMAP];
    char name[64] = "no device is there";
    tg_port_name(event->address, name, sizeof name);
    add(text, "  ring %" PRIu32 " tried a %s of %" PRIu32 " byte%s at port 0x%04" PRIx32 " (%s)\n", ring,
        or_unknown(tg_access_name(access)), bytes, bytes == 1 ? "" : "s", event->address, name);
    add(text, "  the I/O privilege level is %" PRIu32 ", and the port bitmap %s\n",
        (cpu.creg[TG_CR_STATUS] & TG_STATUS_IOPL) >> TG_STATUS_IOPL_SHIFT,
        iomap & TG_IOMAP_ENABLE ? "does not allow it" : "is off");
    add(text, "  needed: an I/O privilege level of at least %" PRIu32 ", or the port's bit set in the bitmap of iomap\n",
        ring);
}

static void add_gate(struct text *text, const struct tg_machine *machine, const struct tg_entry_event *event)
{
    uint32_t vector = event->error & 0xff, reason = event->error >> 8 & 0xf;
    uint8_t gate[TG_GATE_BYTES];
    add(text, "  gate %" PRIu32 " at physical 0x%08" PRIx32 ": %s\n", vector, event->address,
        or_unknown(tg_gate_reason(reason)));
    if (tg_machine_ram_read(machine, event->address, gate, sizeof gate) != TG_OK)
        return;
    uint32_t flags = (uint32_t)gate[4] | (uint32_t)gate[5] << 8;
    add(text, "  it says: %s, runs in ring %" PRIu32 ", may be raised by rings 0 to %" PRIu32 "\n",
        flags & TG_GATE_PRESENT ? "present" : "not present", flags & TG_GATE_RING,
        (flags & TG_GATE_RAISE) >> TG_GATE_RAISE_SHIFT);
}

static void add_exception(struct text *text, const struct tg_machine *machine, const struct tg_entry_event *event)
{
    uint32_t access = event->error & 0xf, bytes = event->error >> 4 & 7;
    char words[TG_DISASSEMBLY_BYTES];
    switch (event->vector) {
    case TG_CAUSE_ILLEGAL:
        add(text, "  the word 0x%08" PRIx32 " is no instruction\n", event->error);
        break;
    case TG_CAUSE_BREAKPOINT:
        add(text, "  brk was executed\n");
        break;
    case TG_CAUSE_PRIVILEGE:
        add(text, "  ring %" PRIu32 ": %s\n", event->from_ring, or_unknown(tg_privilege_reason(event->error)));
        break;
    case TG_CAUSE_PORT:
        add_port(text, machine, event);
        break;
    case TG_CAUSE_MISALIGNED:
        add(text, "  a %s of %" PRIu32 " bytes at 0x%08" PRIx32 ", which is no multiple of %" PRIu32 "\n",
            or_unknown(tg_access_name(access)), bytes, event->address, bytes);
        break;
    case TG_CAUSE_PAGE:
        add_page(text, machine, event);
        break;
    case TG_CAUSE_BUS:
        add(text, "  a %s of %" PRIu32 " bytes at %s 0x%08" PRIx32 ": nothing answers there with that width\n",
            or_unknown(tg_access_name(access)), bytes, access >= TG_ACCESS_IN ? "port" : "physical address",
            event->address);
        break;
    case TG_CAUSE_GATE:
        add_gate(text, machine, event);
        break;
    case TG_CAUSE_DOUBLE:
        add(text, "  the entry for vector %" PRIu32 " failed: %s (address 0x%08" PRIx32 ")\n", event->error & 0xff,
            or_unknown(tg_gate_reason(event->error >> 8 & 0xf)), event->address);
        break;
    default:
        snprintf(words, sizeof words, "vector %" PRIu32, event->vector);
        add(text, "  %s\n", words);
    }
}

void tg_explain_entry(const struct tg_machine *machine, const struct tg_entry_event *event, char *buf)
{
    static const char *const kinds[] = {"exception", "interrupt", "trap"};
    struct text text = text_begin(buf, TG_EXPLANATION_BYTES);
    const struct tg_cause_info *cause =
        event->kind == TG_ENTRY_EXCEPTION ? tg_cause_info(event->vector) : NULL;
    char where[160];
    tg_explain_address(machine, event->saved_pc, where, sizeof where);
    add(&text, "%s %" PRIu32 "%s%s on CPU %" PRIu32 ", ring %" PRIu32 " to ring %" PRIu32 ", pc %s\n",
        kinds[event->kind], event->vector, cause != NULL ? " " : "", cause != NULL ? cause->name : "", event->cpu,
        event->from_ring, event->to_ring, where);
    if (event->kind == TG_ENTRY_EXCEPTION) {
        add_instruction(&text, machine, event->cpu, event->saved_pc, event->from_ring);
        add_exception(&text, machine, event);
    }
}

void tg_explain_fatal(const struct tg_machine *machine, const struct tg_fatal *fatal, char *buf)
{
    struct text text = text_begin(buf, TG_EXPLANATION_BYTES);
    struct tg_entry_event first = {.cpu = fatal->cpu,
                                   .kind = TG_ENTRY_EXCEPTION,
                                   .vector = fatal->vector,
                                   .error = fatal->error,
                                   .address = fatal->address,
                                   .from_ring = fatal->status & TG_STATUS_RING};
    const struct tg_cause_info *cause = tg_cause_info(fatal->vector);
    char where[160];
    tg_explain_address(machine, fatal->pc, where, sizeof where);
    add(&text, "CPU %" PRIu32 " in ring %" PRIu32 " cannot go on at pc %s, sp 0x%08" PRIx32 "\n", fatal->cpu,
        first.from_ring, where, fatal->sp);
    add_instruction(&text, machine, fatal->cpu, fatal->pc, first.from_ring);
    add(&text, "first: vector %" PRIu32 "%s%s%s\n", fatal->vector, cause != NULL ? " (" : "",
        cause != NULL ? cause->name : "", cause != NULL ? ")" : "");
    if (cause != NULL)
        add_exception(&text, machine, &first);
    add(&text, "then: its entry failed: %s\n", or_unknown(tg_gate_reason(fatal->reason)));
    add(&text, "then: the double fault's entry failed too: %s (address 0x%08" PRIx32 ")\n",
        or_unknown(tg_gate_reason(fatal->double_reason)), fatal->double_address);
}
