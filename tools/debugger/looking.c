/*
 * Looking at CPUs: registers, control registers, rings, gates, the text display. Nothing is changed.
 */
#include <inttypes.h>
#include <string.h>

#include "commands.h"
#include "common/options.h"
#include "debug/explain.h"
#include "debugger.h"
#include "isa/isa.h"

/* --- Registers ------------------------------------------------------------------------------------------------------------- */

/* Registers as they are shown: of the CPU, or of the frame that is looked at, which does not know all of them. */
struct shown {
    struct tg_cpu_view cpu;
    const struct tg_cpu_view *before; /* at the last stop; NULL: these are a frame's */
    uint32_t known;                   /* a bit a register */
};

static void shown_fill(struct debugger *d, struct shown *shown)
{
    const struct tg_frame *frame = view_frame(d);
    tg_machine_cpu(d->machine, d->view.cpu, &shown->cpu);
    shown->before = &d->before[d->view.cpu];
    shown->known = UINT32_MAX;
    if (!d->view.has_process && frame->number == 0)
        return;
    shown->before = NULL;
    shown->known = frame->known;
    shown->cpu.pc = frame->pc;
    memcpy(shown->cpu.x, frame->x, sizeof shown->cpu.x);
}

static bool is_known(const struct shown *shown, uint32_t number)
{
    return shown->known >> number & 1;
}

static void print_register(struct debugger *d, const struct shown *shown, uint32_t number)
{
    uint32_t value = shown->cpu.x[number];
    char mark = shown->before != NULL && value != shown->before->x[number] ? '*' : ' ';
    if (is_known(shown, number))
        say(d, "  %-4s %08" PRIx32 "%c", tg_register_name(number), value, mark);
    else
        say(d, "  %-4s ?        ", tg_register_name(number));
}

static void print_pc_and_status(struct debugger *d, const struct shown *shown)
{
    char where[VIEW_ADDRESS_BYTES];
    const struct tg_cpu_view *cpu = &shown->cpu, *before = shown->before;
    uint32_t status = cpu->creg[TG_CR_STATUS];
    say(d, "  pc   %s%s\n", view_address_text(d, cpu->pc, where), before != NULL && cpu->pc != before->pc ? " *" : "");
    if (before == NULL) {
        say(d, "  ring %" PRIu32 ", of frame %u%s\n", view_frame(d)->ring, view_frame(d)->number,
            shown->known == UINT32_MAX ? "" : "; what is ? is not known");
        return;
    }
    say(d, "  status %08" PRIx32 "%s  ring %" PRIu32 ", interrupts %s, I/O privilege level %" PRIu32 ", paging %s%s\n", status,
        status != before->creg[TG_CR_STATUS] ? "*" : " ", status & TG_STATUS_RING, status & TG_STATUS_IE ? "on" : "off",
        (status & TG_STATUS_IOPL) >> TG_STATUS_IOPL_SHIFT, cpu->creg[TG_CR_PTROOT] & TG_PTROOT_ENABLE ? "on" : "off",
        cpu->is_parked ? ", parked" : cpu->is_waiting ? ", waiting" : "");
}

static bool unknown_register(struct debugger *d, const struct args *args, const char *word)
{
    const char *names[33];
    for (uint32_t i = 0; i < 32; i++)
        names[i] = tg_register_name(i);
    names[32] = "pc";
    const char *near = nearest_name(word, names, 33);
    return complain(d, "%s: no register is called \"%s\"%s%s%s", args->name, word, near != NULL ? "; did you mean \"" : "",
                    near != NULL ? near : "", near != NULL ? "\"?" : "");
}

bool looking_registers(struct debugger *d, struct args *args)
{
    struct shown shown;
    char word[ARGS_WORD_BYTES];
    shown_fill(d, &shown);
    if (!args_no_format(d, args))
        return false;
    if (args_is_empty(args)) {
        for (uint32_t i = 0; i < 32; i++) {
            print_register(d, &shown, i / 4 + i % 4 * 8);
            say(d, "%s", i % 4 == 3 ? "\n" : "");
        }
        print_pc_and_status(d, &shown);
        return true;
    }
    while (args_word(d, args, word)) {
        const char *name = word[0] == '$' ? word + 1 : word;
        int number = tg_register_by_name(name, strlen(name));
        if (strcmp(name, "pc") == 0) {
            print_pc_and_status(d, &shown);
        } else if (number >= 0) {
            print_register(d, &shown, (uint32_t)number);
            if (is_known(&shown, (uint32_t)number))
                say(d, "  %" PRId32, (int32_t)shown.cpu.x[number]);
            say(d, "  (%s)\n", tg_register_role((uint32_t)number));
        } else {
            return unknown_register(d, args, word);
        }
    }
    return true;
}

/* --- Control registers ------------------------------------------------------------------------------------------------------ */

/* What a value means, where it is made of fields. */
static void print_creg_words(struct debugger *d, uint32_t number, uint32_t value)
{
    switch (number) {
    case TG_CR_STATUS:
        say(d, "ring %" PRIu32 ", interrupts %s, I/O privilege level %" PRIu32, value & TG_STATUS_RING,
            value & TG_STATUS_IE ? "on" : "off", (value & TG_STATUS_IOPL) >> TG_STATUS_IOPL_SHIFT);
        break;
    case TG_CR_PTROOT:
        say(d, "directory 0x%08" PRIx32 ", address space %" PRIu32 ", paging %s", value & TG_PTROOT_PAGE,
            value & TG_PTROOT_ASID, value & TG_PTROOT_ENABLE ? "on" : "off");
        break;
    case TG_CR_IOMAP:
        say(d, "port bitmap at 0x%08" PRIx32 ", %s", value & TG_IOMAP_PAGE, value & TG_IOMAP_ENABLE ? "in use" : "off");
        break;
    default:
        say(d, "%s", tg_creg_info(number)->meaning);
    }
}

static void print_creg(struct debugger *d, const struct tg_cpu_view *cpu, uint32_t number)
{
    say(d, "  %-8s %08" PRIx32 "%c  ", tg_creg_info(number)->name, cpu->creg[number],
        cpu->creg[number] != d->before[d->view.cpu].creg[number] ? '*' : ' ');
    print_creg_words(d, number, cpu->creg[number]);
    say(d, "\n");
}

bool looking_cregs(struct debugger *d, struct args *args)
{
    struct tg_cpu_view cpu;
    char word[ARGS_WORD_BYTES];
    tg_machine_cpu(d->machine, d->view.cpu, &cpu);
    if (args_is_empty(args))
        for (uint32_t i = 0; i < 256; i++)
            if (tg_creg_info(i) != NULL)
                print_creg(d, &cpu, i);
    while (args_word(d, args, word)) {
        const char *name = word[0] == '$' ? word + 1 : word;
        int number = tg_creg_by_name(name, strlen(name));
        if (number < 0)
            return complain(d, "%s: no control register is called \"%s\"; \"%s\" alone lists them", args->name, word,
                            args->name);
        print_creg(d, &cpu, (uint32_t)number);
    }
    return true;
}

/* --- CPUs -------------------------------------------------------------------------------------------------------------------- */

bool looking_cores(struct debugger *d, struct args *args)
{
    if (!args_end(d, args))
        return false;
    for (uint32_t i = 0; i < tg_machine_config(d->machine)->cpus; i++) {
        struct tg_cpu_view cpu;
        char where[160];
        tg_machine_cpu(d->machine, i, &cpu);
        tg_explain_address(d->machine, cpu.pc, where, sizeof where);
        say(d, "%c CPU %" PRIu32 "  ring %" PRIu32 "  %-8s %12" PRIu64 " insns  pc %s\n", i == d->view.cpu ? '*' : ' ', i,
            cpu.creg[TG_CR_STATUS] & TG_STATUS_RING,
            cpu.is_parked    ? "parked"
            : cpu.is_waiting ? "waiting"
                             : "running",
            cpu.insns, where);
    }
    return true;
}

/* --- Rings and gates --------------------------------------------------------------------------------------------------------- */

bool looking_rings(struct debugger *d, struct args *args)
{
    struct tg_cpu_view cpu;
    struct tg_counts counts;
    if (!args_end(d, args))
        return false;
    tg_machine_cpu(d->machine, d->view.cpu, &cpu);
    tg_machine_counts(d->machine, d->view.cpu, &counts);
    uint32_t ring = cpu.creg[TG_CR_STATUS] & TG_STATUS_RING;
    for (uint32_t i = 0; i < 4; i++) {
        say(d, "%c ring %" PRIu32 "  %12" PRIu64 " insns", i == ring ? '*' : ' ', i, counts.insns_by_ring[i]);
        if (i == ring)
            say(d, "  sp %08" PRIx32 " (now)", cpu.x[2]);
        else if (i < 3)
            say(d, "  sp %08" PRIx32 " (on entry)", cpu.creg[TG_CR_SP0 + i]);
        say(d, "\n");
    }
    for (uint32_t from = 0; from < 4; from++)
        for (uint32_t to = 0; to < 4; to++)
            if (counts.crossings[from][to] > 0)
                say(d, "  %" PRIu32 " -> %" PRIu32 "  %12" PRIu64 " times\n", from, to, counts.crossings[from][to]);
    return true;
}

static uint32_t word_of(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

/* What a vector is for. */
static void vector_words(uint32_t vector, char *buf, size_t size)
{
    const struct tg_cause_info *cause = tg_cause_info(vector);
    if (cause != NULL)
        snprintf(buf, size, "%s", cause->name);
    else if (vector >= TG_VECTOR_INTERRUPT && vector < TG_VECTOR_INTERRUPT + TG_INTERRUPT_SOURCES)
        snprintf(buf, size, "interrupt %" PRIu32, vector - TG_VECTOR_INTERRUPT);
    else
        snprintf(buf, size, "trap %" PRIu32, vector);
}

struct gate {
    uint32_t handler, flags;
};

/* False after complaining. */
static bool read_gate(struct debugger *d, uint32_t base, uint32_t vector, struct gate *ret_gate)
{
    uint8_t bytes[TG_GATE_BYTES];
    if (tg_machine_ram_read(d->machine, base + vector * TG_GATE_BYTES, bytes, sizeof bytes) != TG_OK)
        return complain(d, "info gates: gate %" PRIu32 " at physical 0x%08" PRIx32 " (vbase + 8 x %" PRIu32 ") is not in RAM",
                        vector, base + vector * TG_GATE_BYTES, vector);
    *ret_gate = (struct gate){word_of(bytes), word_of(bytes + 4)};
    return true;
}

/* Gates first to last, which are alike. */
static void print_gates(struct debugger *d, uint32_t first, uint32_t last, const struct gate *gate)
{
    char where[VIEW_ADDRESS_BYTES], what[32];
    if (last > first)
        snprintf(what, sizeof what, "to %" PRIu32, last);
    else
        vector_words(first, what, sizeof what);
    say(d, "  %3" PRIu32 "  %-13s ", first, what);
    if (!(gate->flags & TG_GATE_PRESENT))
        say(d, "not present\n");
    else
        say(d, "to ring %" PRIu32 " at %s, raised by ring%s %s%" PRIu32 "%s%s\n", gate->flags & TG_GATE_RING,
            view_address_text(d, gate->handler, where), gate->flags & TG_GATE_RAISE ? "s" : "",
            gate->flags & TG_GATE_RAISE ? "0 to " : "", (gate->flags & TG_GATE_RAISE) >> TG_GATE_RAISE_SHIFT,
            gate->flags & TG_GATE_CLOSE ? ", interrupts off" : "", gate->flags & ~TG_GATE_VALID ? ", reserved bits set" : "");
}

/* All that are present, runs of those that are alike in one line. */
static bool print_table(struct debugger *d, uint32_t base)
{
    struct gate gate, next = {0, 0};
    for (uint32_t first = 0, last; first < TG_GATE_COUNT; first = last + 1) {
        if (!read_gate(d, base, first, &gate))
            return false;
        for (last = first; last + 1 < TG_GATE_COUNT; last++)
            if (!read_gate(d, base, last + 1, &next))
                return false;
            else if (next.handler != gate.handler || next.flags != gate.flags)
                break;
        if (gate.flags & TG_GATE_PRESENT)
            print_gates(d, first, last, &gate);
    }
    return true;
}

bool looking_gates(struct debugger *d, struct args *args)
{
    struct tg_cpu_view cpu;
    char word[ARGS_WORD_BYTES];
    uint64_t vector;
    struct gate gate;
    tg_machine_cpu(d->machine, d->view.cpu, &cpu);
    uint32_t base = cpu.creg[TG_CR_VBASE];
    say(d, "vector table at physical 0x%08" PRIx32 "\n", base);
    if (args_is_empty(args))
        return print_table(d, base);
    while (args_word(d, args, word)) {
        if (!args_read_number(word, &vector) || vector >= TG_GATE_COUNT)
            return complain(d, "%s %s: expected a vector, 0 to 255", args->name, word);
        if (!read_gate(d, base, (uint32_t)vector, &gate))
            return false;
        print_gates(d, (uint32_t)vector, (uint32_t)vector, &gate);
    }
    return true;
}

/* --- The screen -------------------------------------------------------------------------------------------------------------- */

bool looking_screen(struct debugger *d, struct args *args)
{
    char line[TG_SCREEN_COLUMNS + 1];
    uint32_t rows = 0;
    if (!args_end(d, args))
        return false;
    for (uint32_t row = 0; row < TG_SCREEN_ROWS; row++)
        for (uint32_t column = 0; column < TG_SCREEN_COLUMNS; column++)
            if (tg_machine_screen_cell(d->machine, row, column, NULL) > ' ')
                rows = row + 1;
    for (uint32_t row = 0; row < rows; row++) {
        uint32_t end = 0;
        for (uint32_t column = 0; column < TG_SCREEN_COLUMNS; column++) {
            uint8_t character = tg_machine_screen_cell(d->machine, row, column, NULL);
            line[column] = character >= 0x20 && character < 0x7f ? (char)character : character == 0 ? ' ' : '?';
            if (line[column] != ' ')
                end = column + 1;
        }
        say(d, "|%.*s\n", (int)end, line);
    }
    if (rows == 0)
        say(d, "the text display is empty\n");
    return true;
}
