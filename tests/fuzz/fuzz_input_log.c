/* Input logs: any text is refused, diverges, or replays; what a run has logged replays to the same
 * state. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "support/random_guest.h"

static const struct tg_run_limits limits = {.until = {3000, 1000000}};

static struct tg_machine *make_machine(void)
{
    struct random_source source = {.state = 77};
    struct tg_config config = random_guest_config(&source, tg_engine_name(0, NULL), 2);
    struct tg_machine *machine;
    if (tg_machine_create(&config, NULL, &machine, NULL) != TG_OK) {
        fuzz_fail("no machine");
    }
    random_guest_load(machine, &source);
    return machine;
}

size_t fuzz_seed(unsigned index, uint8_t *bytes)
{
    if (index >= 4) {
        return 0;
    }
    struct tg_machine *machine = make_machine();
    struct tg_stop stop;
    for (uint64_t insns = 0; insns < 3000; insns += 700) {
        const struct tg_run_limits piece = {.until = {insns, TG_NO_LIMIT}};
        tg_machine_run(machine, &piece, &stop);
        tg_machine_type(machine, "hi\n", index);
        tg_machine_input(machine, (struct tg_input){TG_INPUT_SERIAL, 'a' + index});
        if (index == 3 && insns == 1400) {
            tg_machine_input(machine, (struct tg_input){TG_INPUT_RESET, 0});
        }
    }
    tg_machine_run(machine, &limits, &stop);
    char *text;
    size_t size;
    if (tg_machine_log_save(machine, &text, &size) != TG_OK) {
        fuzz_fail("a log cannot be saved");
    }
    memcpy(bytes, text, size);
    free(text);
    tg_machine_destroy(machine);
    return size;
}

/* Replays text to the limit; *ret_error is the divergence. Returns whether the log was taken. */
static bool replay(struct tg_machine *machine, const char *text, size_t size, bool *ret_is_diverged)
{
    struct tg_error error = {""};
    if (tg_machine_replay(machine, text, size, &error) != TG_OK) {
        if (error.text[0] == '\0') {
            fuzz_fail("a log was refused without a text");
        }
        return false;
    }
    struct tg_stop stop;
    tg_machine_run(machine, &limits, &stop);
    *ret_is_diverged = tg_machine_replay_error(machine, &error) != TG_OK;
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct tg_machine *machine = make_machine();
    bool is_diverged;
    if (replay(machine, (const char *)bytes, size, &is_diverged) && !is_diverged) {
        char *text;
        size_t length;
        if (tg_machine_log_save(machine, &text, &length) != TG_OK) {
            fuzz_fail("a log cannot be saved");
        }
        struct tg_machine *again = make_machine();
        if (!replay(again, text, length, &is_diverged) || is_diverged) {
            fuzz_fail("what was logged does not replay:\n%.*s", (int)length, text);
        }
        if (tg_machine_digest(again) != tg_machine_digest(machine)) {
            fuzz_fail("a replay ends in another state:\n%.*s", (int)length, text);
        }
        free(text);
        tg_machine_destroy(again);
    }
    tg_machine_destroy(machine);
    return 0;
}
