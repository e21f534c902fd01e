/*
 * Sessions of the debugger: any bytes are refused with everything as before, or give a session that
 * goes back and forth. The checksum, which would keep a fuzzer out, is made right, and places are
 * brought near: a replay may be as long as the file says. The snapshot inside has a checksum and a
 * target of its own.
 */
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "core/bytes.h"
#include "debug/debug.h"
#include "fuzz.h"
#include "support/random_guest.h"

/* docs/formats.md */
enum { AT_CHECKSUM = 16, AT_SIZES = 24, AT_PLACES = 64, AT_DIGEST = 144, HEADER_BYTES = 152 };
#define MOST_STEPS UINT64_C(50000)

struct debugged {
    struct tg_machine *machine;
    struct tg_debug *debug;
};

static struct debugged make(uint64_t seed)
{
    struct random_source source = {.state = seed};
    const struct tg_config config = {.ram_bytes = TG_MIN_RAM_BYTES, .cpus = 1 + seed % 2};
    struct debugged d;
    if (tg_machine_create(&config, NULL, &d.machine, NULL) != TG_OK)
        fuzz_fail("no machine");
    for (uint32_t paddr = 0x1000; paddr < 0x1200; paddr += 4) {
        uint32_t word = random_word(&source);
        tg_machine_ram_write(d.machine, paddr, &word, 4);
    }
    if (tg_debug_create(d.machine, NULL, &d.debug, NULL) != TG_OK)
        fuzz_fail("no debugger");
    return d;
}

static void finish(struct debugged *d)
{
    tg_debug_destroy(d->debug);
    tg_machine_destroy(d->machine);
}

static void step(struct debugged *d, bool is_reverse, uint64_t count)
{
    const struct tg_debug_command command = {
        .kind = TG_DEBUG_STEPI, .is_reverse = is_reverse, .count = count, .cpu = TG_DEBUG_ANY};
    struct tg_debug_stop stop;
    struct tg_error error;
    if (tg_debug_go(d->debug, &command, &stop, &error) != TG_OK)
        fuzz_fail("stepping fails: %s", error.text);
}

size_t fuzz_seed(unsigned index, uint8_t *bytes)
{
    if (index >= 4)
        return 0;
    struct debugged d = make(index);
    const struct tg_input key = {TG_INPUT_KEY, 0x1e};
    void *file = NULL;
    size_t size = 0;
    for (unsigned i = 0; i < index; i++) {
        tg_debug_input(d.debug, key, NULL);
        step(&d, false, 40);
        tg_debug_bookmark_add(d.debug, i % 2 ? "here" : "there", NULL);
    }
    step(&d, true, 10 * index + 1);
    if (tg_debug_save(d.debug, "text", index, &file, &size, NULL) != TG_OK || size > FUZZ_MAX_BYTES)
        fuzz_fail("a seed cannot be saved");
    memcpy(bytes, file, size);
    free(file);
    finish(&d);
    return size;
}

/* Brings the numbers of a place near, but for is_idle. */
static void bring_near(uint8_t *place)
{
    for (unsigned i = 0; i < 4; i++) {
        uint64_t value = tg_get_le(place + 8 * i, 8);
        if (value > MOST_STEPS)
            tg_put_le(place + 8 * i, 8, value % MOST_STEPS);
    }
}

static void use_loaded(struct debugged *d)
{
    uint64_t digest = tg_machine_digest(d->machine);
    struct tg_debug_place here = tg_debug_place(d->debug);
    const struct tg_debug_target back = {.kind = TG_DEBUG_TO_PLACE, .place = here};
    const struct tg_debug_target start = {.kind = TG_DEBUG_TO_START};
    struct tg_debug_stop stop;
    struct tg_error error;
    if (tg_debug_goto(d->debug, &start, &stop, &error) != TG_OK ||
        tg_debug_goto(d->debug, &back, &stop, &error) != TG_OK)
        fuzz_fail("a loaded session's history cannot be gone through: %s", error.text);
    if (tg_machine_digest(d->machine) != digest)
        fuzz_fail("going to the beginning and back changes the machine");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    uint8_t *file = malloc(size + 1);
    if (!file)
        return 0;
    memcpy(file, bytes, size);
    if (size >= HEADER_BYTES) {
        bring_near(file + AT_PLACES);
        bring_near(file + AT_PLACES + (AT_DIGEST - AT_PLACES) / 2);
        tg_put_le(file + AT_CHECKSUM, 8, XXH3_64bits(file + AT_SIZES, size - AT_SIZES));
    }
    struct debugged d = make(7);
    step(&d, false, 30);
    uint64_t digest = tg_machine_digest(d.machine);
    char *text = NULL;
    size_t text_size = 0;
    struct tg_error error = {""};
    int result = tg_debug_load(d.debug, file, size, &text, &text_size, &error);
    if (result == TG_OK)
        use_loaded(&d);
    else if (tg_machine_digest(d.machine) != digest || error.text[0] == 0 || text)
        fuzz_fail("refused (%s), but something has changed", error.text);
    step(&d, true, 5);
    free(text);
    free(file);
    finish(&d);
    return 0;
}
