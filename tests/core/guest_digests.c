/*
 * Prints the digests of random guests under the engine that is named, a line each: for the golden
 * file that every compiler, optimisation and host must give.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "support/random_guest.h"

enum { SEEDS = 100, STRETCH = 2000, STRETCHES = 3 };

/* One line: seed, CPUs, then the digest after each stretch. */
static bool print_guest(uint64_t seed, const char *engine)
{
    struct random_source source = {.state = seed};
    struct tg_config config = random_guest_config(&source, engine, 4);
    struct tg_machine *machine;
    struct tg_error error;
    if (tg_machine_create(&config, NULL, &machine, &error) != TG_OK) {
        fprintf(stderr, "%s\n", error.text);
        return false;
    }
    random_guest_load(machine, &source);
    printf("guest %3" PRIu64 " cpus %" PRIu32, seed, config.cpus);
    for (uint64_t i = 1; i <= STRETCHES; i++) {
        const struct tg_run_limits limits = {.until = {STRETCH * i, 1000000}};
        struct tg_stop stop;
        tg_machine_run(machine, &limits, &stop);
        printf(" %016" PRIx64, tg_machine_digest(machine));
    }
    printf("\n");
    tg_machine_destroy(machine);
    return true;
}

int main(int count, char **arguments)
{
    if (count != 2) {
        fprintf(stderr, "usage: %s ENGINE\n", arguments[0]);
        return 2;
    }
    printf("digests of random guests, version 1: after each %d instructions\n", STRETCH);
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        if (!print_guest(seed, arguments[1])) {
            return EXIT_FAILURE;
        }
    }
    return EXIT_SUCCESS;
}
