/*
 * The port instructions and the permission to use a port. docs/isa.md section 4, rules PIO-1 to
 * PIO-4.
 */
#include "bus/bus.h"
#include "core/note.h"
#include "core/ram.h"
#include "core/reference/reference.h"

static uint32_t port_of(const struct ref_step *step)
{
    return (ref_a(step) + ref_imm(step)) & (TG_PORT_COUNT - 1);
}

/* PIO-1, PIO-2, for one port. */
static bool is_in_bitmap(const struct tg_cpu *cpu, uint32_t port)
{
    uint32_t byte_paddr = (cpu->s.iomap & TG_IOMAP_PAGE) + port / 8;

    if (!(cpu->s.iomap & TG_IOMAP_ENABLE) || port >= TG_PORT_COUNT)
        return false;
    if (!tg_ram_contains(&cpu->machine->ram, byte_paddr, 1))
        return false;
    return tg_ram_load(cpu->machine, byte_paddr, 1) >> port % 8 & 1;
}

/* PIO-1 */
static bool is_allowed(const struct tg_cpu *cpu, uint32_t port, uint32_t bytes)
{
    if (tg_cpu_ring(cpu) <= ref_iopl(cpu))
        return true;
    for (uint32_t i = 0; i < bytes; i++)
        if (!is_in_bitmap(cpu, port + i))
            return false;
    return true;
}

/* PIO-1, then PIO-3. */
static bool check_port(struct ref_step *step, uint32_t port, uint32_t bytes, enum tg_access access)
{
    uint32_t error = ref_width_error(access, bytes);

    if (!is_allowed(step->cpu, port, bytes))
        return tg_ref_raise(step, TG_CAUSE_PORT, error | tg_cpu_ring(step->cpu) << 8, port);
    if (port % bytes != 0)
        return tg_ref_raise(step, TG_CAUSE_MISALIGNED, error, port);
    return true;
}

static void note_port(const struct ref_step *step, struct tg_port_event *event)
{
    if (!(step->cpu->machine->observed & TG_OBSERVE_PORT))
        return;
    event->cpu = step->cpu->number;
    event->pc = step->cpu->s.pc;
    tg_note_port(step->cpu, event);
}

/* PIO-4 */
static bool read_port(struct ref_step *step, uint32_t bytes)
{
    struct tg_cpu *cpu = step->cpu;
    uint32_t port = port_of(step);
    uint32_t value;

    if (!check_port(step, port, bytes, TG_ACCESS_IN))
        return false;
    if (!tg_bus_port_read(cpu, port, bytes, &value))
        return tg_ref_raise(step, TG_CAUSE_BUS, ref_width_error(TG_ACCESS_IN, bytes), port);

    cpu->counts.port_reads++;
    note_port(step, &(struct tg_port_event){
                        .access = TG_ACCESS_IN, .port = port, .bytes = bytes, .value = value});
    return ref_complete(step, value);
}

/* PIO-4 */
static bool write_port(struct ref_step *step, uint32_t bytes)
{
    struct tg_cpu *cpu = step->cpu;
    uint32_t port = port_of(step);
    uint32_t value = bytes == 4 ? ref_s(step) : ref_s(step) & ((UINT32_C(1) << 8 * bytes) - 1);

    if (!check_port(step, port, bytes, TG_ACCESS_OUT))
        return false;
    if (!tg_bus_port_write(cpu, port, bytes, value))
        return tg_ref_raise(step, TG_CAUSE_BUS, ref_width_error(TG_ACCESS_OUT, bytes), port);

    cpu->counts.port_writes++;
    note_port(step, &(struct tg_port_event){
                        .access = TG_ACCESS_OUT, .port = port, .bytes = bytes, .value = value});
    return true;
}

bool tg_ref_INB(struct ref_step *step)
{
    return read_port(step, 1);
}

bool tg_ref_INH(struct ref_step *step)
{
    return read_port(step, 2);
}

bool tg_ref_INW(struct ref_step *step)
{
    return read_port(step, 4);
}

bool tg_ref_OUTB(struct ref_step *step)
{
    return write_port(step, 1);
}

bool tg_ref_OUTH(struct ref_step *step)
{
    return write_port(step, 2);
}

bool tg_ref_OUTW(struct ref_step *step)
{
    return write_port(step, 4);
}
