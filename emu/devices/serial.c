/*
 * The serial console: bytes out, one at a time, and a queue of bytes received. Manual:
 * docs/devices.md section 8.
 */
#include "bus/bus.h"
#include "devices/queue.h"

#define BYTE_TICKS 100

#define TG_SERIAL_STATE(V, A)                                                                      \
    TG_QUEUE_STATE(V, A)                                                                           \
    V(uint8_t, control, TG_MASK(SERIAL_CONTROL_RX) | TG_MASK(SERIAL_CONTROL_TX))                   \
    V(uint64_t, sent_time, UINT64_MAX) /* when the byte being sent is out; TG_NEVER: none is */    \
    V(uint8_t, is_refused, 1)

TG_STATE_STRUCT(tg_serial, TG_SERIAL_STATE);

#define TG_FIELD_TAG tg_serial
TG_STATE_FIELDS(tg_serial, TG_SERIAL_STATE);

static bool is_tx_ready(const struct tg_serial *s)
{
    return s->sent_time == TG_NEVER;
}

static void update_line(struct tg_machine *machine, const struct tg_serial *s)
{
    bool rx = TG_GET(SERIAL_CONTROL_RX, s->control) && s->queued > 0;
    bool tx = TG_GET(SERIAL_CONTROL_TX, s->control) && is_tx_ready(s);
    tg_bus_set_line(machine, TG_SOURCE_SERIAL, rx || tx);
}

static void reset(struct tg_machine *machine, void *state)
{
    (void)machine;
    *(struct tg_serial *)state = (struct tg_serial){.sent_time = TG_NEVER};
}

static uint32_t read_data(struct tg_machine *machine, struct tg_serial *s)
{
    uint8_t byte = tg_queue_take(s->queue, &s->first, &s->queued);
    update_line(machine, s);
    return byte;
}

static uint32_t read_register(struct tg_machine *machine, void *state, uint32_t cpu, uint32_t port)
{
    (void)cpu;
    struct tg_serial *s = state;
    switch (port) {
    case TG_PORT_SERIAL_DATA:
        return read_data(machine, s);
    case TG_PORT_SERIAL_CONTROL:
        return s->control;
    default: /* STATUS */
        return TG_PUT(SERIAL_STATUS_READY, s->queued > 0) |
               TG_PUT(SERIAL_STATUS_OVERFLOW, s->has_overflowed) |
               TG_PUT(SERIAL_STATUS_TX_READY, is_tx_ready(s)) |
               TG_PUT(SERIAL_STATUS_QUEUED, s->queued) |
               TG_PUT(SERIAL_STATUS_REFUSED, s->is_refused);
    }
}

/* The host gets the byte at once, so that nothing is lost when the machine ends; only the line
 * stays busy. */
static void send(struct tg_machine *machine, struct tg_serial *s, uint8_t byte)
{
    if (!is_tx_ready(s)) {
        s->is_refused = 1;
        return;
    }
    s->sent_time = tg_machine_now(machine) + BYTE_TICKS;
    tg_bus_deadline_changed(machine);
    if (machine->host.console)
        machine->host.console(machine->host.context, &byte, 1);
}

static void write_register(struct tg_machine *machine, void *state, uint32_t cpu, uint32_t port,
                           uint32_t value)
{
    (void)cpu;
    struct tg_serial *s = state;
    switch (port) {
    case TG_PORT_SERIAL_DATA:
        send(machine, s, (uint8_t)value);
        break;
    case TG_PORT_SERIAL_CONTROL:
        s->control = (uint8_t)(value & (TG_MASK(SERIAL_CONTROL_RX) | TG_MASK(SERIAL_CONTROL_TX)));
        break;
    default: /* STATUS */
        s->has_overflowed &= !TG_GET(SERIAL_STATUS_OVERFLOW, value);
        s->is_refused &= !TG_GET(SERIAL_STATUS_REFUSED, value);
        break;
    }
    update_line(machine, s);
}

static uint64_t deadline(const struct tg_machine *machine, const void *state)
{
    (void)machine;
    const struct tg_serial *s = state;
    return s->sent_time;
}

static void run_deadline(struct tg_machine *machine, void *state, uint64_t now)
{
    (void)now;
    struct tg_serial *s = state;
    s->sent_time = TG_NEVER;
    update_line(machine, s);
}

static void input(struct tg_machine *machine, void *state, uint32_t value)
{
    struct tg_serial *s = state;
    tg_queue_put(s->queue, s->first, &s->queued, &s->has_overflowed, (uint8_t)value);
    update_line(machine, s);
}

const struct tg_device_operations tg_serial_operations = {
    .state_bytes = sizeof(struct tg_serial),
    .reset = reset,
    .read = read_register,
    .write = write_register,
    .deadline = deadline,
    .run_deadline = run_deadline,
    .input = input,
};
