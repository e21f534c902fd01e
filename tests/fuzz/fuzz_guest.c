/*
 * Guests that do anything at all: they stop only themselves, and all engines do the same with them.
 * The first byte of an input is about the comparison; the rest makes the choices of a random guest
 * (support/random_guest.h), or, in one form, is the code itself.
 */
#include "core/machine.h"
#include "fuzz.h"
#include "support/random_guest.h"

enum { MAX_INSNS = 2000, FORM_RAW = 7, SEEDS = 24 };

size_t fuzz_seed(unsigned index, uint8_t *bytes)
{
    if (index >= SEEDS) {
        return 0;
    }
    struct random_source source = {.state = index};
    size_t size = 64 + 40 * index;
    bytes[0] = (uint8_t)index;
    for (size_t i = 1; i < size; i++) {
        bytes[i] = (uint8_t)random_next(&source);
    }
    return size;
}

static struct tg_machine *make_machine(const char *engine, const uint8_t *bytes, size_t size)
{
    struct random_source source = {bytes + 1, size - 1, size};
    struct tg_config config = random_guest_config(&source, engine, 4);
    struct tg_machine *machine;
    if (tg_machine_create(&config, NULL, &machine, NULL) != TG_OK) {
        fuzz_fail("no machine");
    }
    random_guest_load(machine, &source);
    if (bytes[0] % 8 == FORM_RAW) {
        uint32_t count = (uint32_t)(size - 1 < 4096 ? size - 1 : 4096);
        tg_machine_ram_write(machine, 0x10000, bytes + 1, count);
        machine->cpus[0].s.pc = 0x10000;
        machine->engine->state_changed(machine->engine_caches, NULL);
    }
    return machine;
}

/* Types between stretches, so that input comes at any point of a round. */
static void run_in_lockstep(struct tg_machine *first, struct tg_machine *second, uint8_t form)
{
    uint64_t interval = form % 4 == 0 ? 1 : form % 4 == 1 ? 17 : 1000;
    for (uint64_t until = MAX_INSNS / 4; until <= MAX_INSNS; until += MAX_INSNS / 4) {
        /* a machine may wait for ever while a timer expires that nobody listens to */
        uint64_t time = tg_machine_position(first).time + 100000;
        const struct tg_run_limits limits = {.until = {until, time}};
        struct tg_stop stop;
        struct tg_difference difference;
        tg_machine_type(first, "a", form >> 6);
        if (tg_lockstep_run(first, second, interval, &limits, &stop, &difference) != TG_OK) {
            fuzz_fail("lockstep fails");
        }
        if (difference.is_different) {
            fuzz_fail("engines %s and %s differ\n%s", first->engine->name, second->engine->name,
                      difference.text);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    const char *name;
    unsigned other =
        tg_engine_name(1, NULL) != NULL ? 1 : 0; /* a single engine agrees with itself */
    for (; size > 1 && (name = tg_engine_name(other, NULL)) != NULL; other++) {
        struct tg_machine *first = make_machine(tg_engine_name(0, NULL), bytes, size);
        struct tg_machine *second = make_machine(name, bytes, size);
        run_in_lockstep(first, second, bytes[0]);
        tg_machine_destroy(first);
        tg_machine_destroy(second);
    }
    return 0;
}
