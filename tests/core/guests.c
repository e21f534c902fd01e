/* See guests.h. */
#include "guests.h"

#include <check.h>
#include <stddef.h>

const char *guest_engine(unsigned index)
{
    const char *name = tg_engine_name(index, NULL);
    return name != NULL ? name : tg_engine_name(0, NULL);
}

struct tg_machine *guest_machine(uint64_t seed, const char *engine)
{
    struct random_source source = {.state = seed};
    struct tg_config config = random_guest_config(&source, engine, 4);
    struct tg_machine *machine = NULL;
    ck_assert_int_eq(tg_machine_create(&config, NULL, &machine, NULL), TG_OK);
    random_guest_load(machine, &source);
    return machine;
}

struct tg_stop guest_run(struct tg_machine *machine, uint64_t until_insns)
{
    const struct tg_run_limits limits = {.until = {until_insns, TG_NO_LIMIT}};
    struct tg_stop stop;
    do {
        tg_machine_run(machine, &limits, &stop);
    } while (stop.reason == TG_STOP_BREAK); /* the guest asks for a debugger: there is none */
    return stop;
}
