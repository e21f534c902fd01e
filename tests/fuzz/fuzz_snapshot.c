/*
 * Snapshots: any bytes are refused with the machine as before, or give a machine that runs and can
 * be saved again. The first byte of an input says whether a file follows or, as the checksum would
 * keep a fuzzer out, a bare payload.
 */
#include <stdlib.h>
#include <string.h>

#include "core/snapshot.h"
#include "fuzz.h"
#include "support/random_guest.h"

enum { FORM_PAYLOAD, FORM_FILE };

/* What runs in reasonable time after a hostile snapshot asked for the largest machine. */
#define LARGE_BYTES (UINT64_C(64) << 20)

static struct tg_machine *make_machine(uint64_t seed, uint32_t cpus)
{
    struct random_source source = {.state = seed};
    struct tg_config config = {
        .engine = tg_engine_name((unsigned)seed % 2, NULL) != NULL
                      ? tg_engine_name((unsigned)seed % 2, NULL)
                      : tg_engine_name(0, NULL),
        .cpus = cpus,
        .ram_bytes = TG_MIN_RAM_BYTES,
    };
    struct tg_machine *machine;
    if (tg_machine_create(&config, NULL, &machine, NULL) != TG_OK) {
        fuzz_fail("no machine");
    }
    for (uint32_t paddr = 0x1000; paddr < 0x1200; paddr += 4) {
        uint32_t word = random_word(&source);
        tg_machine_ram_write(machine, paddr, &word, 4);
    }
    return machine;
}

size_t fuzz_seed(unsigned index, uint8_t *bytes)
{
    if (index >= 6) {
        return 0;
    }
    struct tg_machine *machine = make_machine(index, 1 + index / 2);
    uint8_t disk[1024] = {1, 2, 3};
    tg_machine_attach_disk(machine, disk, index % 2 * sizeof disk, NULL);
    const struct tg_run_limits limits = {.until = {50 * index, 100000}};
    struct tg_stop stop;
    tg_machine_run(machine, &limits, &stop);
    struct tg_buffer payload = {0};
    void *file = NULL;
    size_t size = 0;
    if (tg_payload_write(machine, &payload) != TG_OK ||
        tg_machine_save(machine, &file, &size) != TG_OK) {
        fuzz_fail("a seed cannot be saved");
    }
    bool is_file = index == 0;
    bytes[0] = is_file ? FORM_FILE : FORM_PAYLOAD;
    size = is_file ? size : payload.used;
    memcpy(bytes + 1, is_file ? file : payload.bytes, size);
    free(file);
    free(payload.bytes);
    tg_machine_destroy(machine);
    return size + 1;
}

static void run_loaded(struct tg_machine *machine)
{
    if (tg_machine_config(machine)->ram_bytes > LARGE_BYTES ||
        tg_machine_disk_bytes(machine) > LARGE_BYTES) {
        return;
    }
    struct tg_position position = tg_machine_position(machine);
    const struct tg_run_limits limits = {.until = {position.insns + 500, position.time + 100000}};
    struct tg_stop stop;
    tg_machine_run(machine, &limits, &stop);
    void *file;
    size_t size;
    if (tg_machine_save(machine, &file, &size) != TG_OK) {
        return; /* no memory */
    }
    uint64_t digest = tg_machine_digest(machine);
    struct tg_error error = {""};
    if (tg_machine_load(machine, file, size, &error) != TG_OK) {
        fuzz_fail("what was saved cannot be loaded: %s", error.text);
    }
    if (tg_machine_digest(machine) != digest) {
        fuzz_fail("saving and loading changes the machine");
    }
    free(file);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (size == 0) {
        return 0;
    }
    struct tg_machine *machine = make_machine(size, 2);
    uint64_t digest = tg_machine_digest(machine);
    struct tg_error error = {""};
    int result = bytes[0] == FORM_FILE ? tg_machine_load(machine, bytes + 1, size - 1, &error)
                                       : tg_payload_read(machine, bytes + 1, size - 1, &error);
    if (result == TG_OK) {
        run_loaded(machine);
    } else if (tg_machine_digest(machine) != digest || error.text[0] == '\0') {
        fuzz_fail("refused (%s), but the machine has changed", error.text);
    }
    tg_machine_destroy(machine);
    return 0;
}
