/*
 * What is looked at: a CPU.
 */
#include <inttypes.h>

#include "commands.h"
#include "debugger.h"

bool view_core(struct debugger *d, struct args *args)
{
    char word[ARGS_WORD_BYTES];
    uint64_t number;
    uint32_t cpus = tg_machine_config(d->machine)->cpus;
    if (args_word(d, args, word)) {
        if (!args_read_number(word, &number) || number >= cpus)
            return complain(d, "%s %s: expected the number of a CPU, 0 to %" PRIu32, args->name, word, cpus - 1);
        if (!args_end(d, args))
            return false;
        d->cpu = (uint32_t)number;
    }
    say(d, "looking at CPU %" PRIu32 "\n", d->cpu);
    return true;
}
