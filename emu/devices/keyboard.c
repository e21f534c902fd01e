/*
 * The keyboard: a queue of scan codes. The codes of its keys are in bus/keys.def. Manual:
 * docs/devices.md section 7.
 */
#include "bus/bus.h"
#include "devices/queue.h"

TG_STATE_STRUCT(tg_keyboard, TG_QUEUE_STATE);

#define TG_FIELD_TAG tg_keyboard
TG_STATE_FIELDS(tg_keyboard, TG_QUEUE_STATE);

static void update_line(struct tg_machine *machine, const struct tg_keyboard *s)
{
    tg_bus_set_line(machine, TG_SOURCE_KEYBOARD, s->queued > 0);
}

static void reset(struct tg_machine *machine, void *state)
{
    (void)machine;
    *(struct tg_keyboard *)state = (struct tg_keyboard){0};
}

static uint32_t read_register(struct tg_machine *machine, void *state, uint32_t cpu, uint32_t port)
{
    (void)cpu;
    struct tg_keyboard *s = state;
    if (port == TG_PORT_KEYBOARD_STATUS)
        return TG_PUT(KEYBOARD_STATUS_READY, s->queued > 0) |
               TG_PUT(KEYBOARD_STATUS_OVERFLOW, s->has_overflowed) |
               TG_PUT(KEYBOARD_STATUS_QUEUED, s->queued);
    uint8_t code = tg_queue_take(s->queue, &s->first, &s->queued);
    update_line(machine, s);
    return code;
}

static void write_register(struct tg_machine *machine, void *state, uint32_t cpu, uint32_t port,
                           uint32_t value)
{
    (void)machine;
    (void)cpu;
    (void)port; /* STATUS is the only one */
    struct tg_keyboard *s = state;
    s->has_overflowed &= !TG_GET(KEYBOARD_STATUS_OVERFLOW, value);
}

static void input(struct tg_machine *machine, void *state, uint32_t value)
{
    struct tg_keyboard *s = state;
    tg_queue_put(s->queue, s->first, &s->queued, &s->has_overflowed, (uint8_t)value);
    update_line(machine, s);
}

bool tg_bus_keyboard_is_empty(const struct tg_machine *machine)
{
    const struct tg_keyboard *s = tg_bus_device_state(machine, TG_DEVICE_KEYBOARD);
    return s->queued == 0;
}

const struct tg_device_operations tg_keyboard_operations = {
    .state_bytes = sizeof(struct tg_keyboard),
    .reset = reset,
    .read = read_register,
    .write = write_register,
    .input = input,
};
