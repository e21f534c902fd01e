/*
 * What the library does when the host has no memory left: each allocation of a machine's life fails
 * once, and each time the function that needed it says so, or does without; nothing is lost,
 * nothing crashes. The linker gives us malloc.
 */
#include <stdio.h>
#include <string.h>

#include "elf_file.h"
#include "suite.h"
#include "support/program.h"

/* --- Allocations that fail on purpose --- */

static uint64_t allocations; /* so far */
static uint64_t failing;     /* the number of the one that fails, from 1; 0: none */

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);

void *__wrap_malloc(size_t size)
{
    return ++allocations == failing ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return ++allocations == failing ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
    return ++allocations == failing ? NULL : __real_realloc(old, size);
}

/* --- A machine's life --- */

struct life {
    const char *engine;
    struct elf_file file;
    struct tg_machine *machine, *second;
    char *log;
    void *snapshot;
    size_t log_length, snapshot_size;
    uint64_t digest;
    /* Check allocates too, so what is wrong is only noted here and asserted afterwards. */
    const char *wrong;
};

static int make(struct life *life, struct tg_machine **machine)
{
    static const uint8_t disk[3 * 512];
    struct tg_config config = {.engine = life->engine, .cpus = 2, .ram_bytes = TG_MIN_RAM_BYTES};
    struct tg_error error = {""};
    int result = tg_machine_create(&config, NULL, machine, &error);
    if (result == TG_OK)
        result = tg_machine_load_image(*machine, life->file.bytes, life->file.size, &error);
    if (result == TG_OK)
        result = tg_machine_attach_disk(*machine, disk, sizeof disk, &error);
    if (result != TG_OK && !strstr(error.text, "memory"))
        life->wrong = "the text does not say that there is no memory";
    return result;
}

static int give_input(struct tg_machine *machine)
{
    int result = tg_machine_type(machine, "a line of text\n", 15);
    for (uint32_t i = 0; i < 100 && result == TG_OK; i++)
        result = tg_machine_input(machine, (struct tg_input){TG_INPUT_SERIAL, i});
    program_run(machine, 2000);
    return result;
}

static int save(struct life *life)
{
    int result = tg_machine_log_save(life->machine, &life->log, &life->log_length);
    if (result == TG_OK)
        result = tg_machine_save(life->machine, &life->snapshot, &life->snapshot_size);
    return result;
}

static int repeat(struct life *life)
{
    struct tg_error error = {""};
    int result = make(life, &life->second);
    if (result == TG_OK) {
        result = tg_machine_replay(life->second, life->log, life->log_length, &error);
        program_run(life->second, 2000);
    }
    if (result == TG_OK) {
        if (tg_machine_digest(life->second) != tg_machine_digest(life->machine))
            life->wrong = "the replay has another digest";
        result = tg_machine_load(life->second, life->snapshot, life->snapshot_size, &error);
    }
    if (result == TG_OK)
        program_run(life->second, 3000);
    return result;
}

static int lead(struct life *life)
{
    int result = make(life, &life->machine);
    if (result == TG_OK) {
        program_run(life->machine, 1000);
        result = give_input(life->machine);
    }
    if (result == TG_OK)
        result = save(life);
    if (result == TG_OK)
        result = repeat(life);
    if (result == TG_OK)
        life->digest = tg_machine_digest(life->second);
    tg_machine_destroy(life->machine);
    tg_machine_destroy(life->second);
    free(life->log);
    free(life->snapshot);
    return result;
}

START_TEST(each_allocation_fails_once)
{
    struct life good = {.engine = ENGINE};
    elf_file_init(&good.file);
    failing = 0;
    allocations = 0;
    ck_assert_int_eq(lead(&good), TG_OK);
    uint64_t all = allocations, refused = 0;
    ck_assert_uint_gt(all, 20);
    for (uint64_t i = 1; i <= all; i++) {
        struct life life = {.engine = ENGINE, .file = good.file};
        allocations = 0;
        failing = i;
        int result = lead(&life);
        failing = 0;
        ck_assert_msg(!life.wrong, "allocation %u: %s", (unsigned)i, life.wrong);
        ck_assert_msg(result == TG_OK || result == TG_E_NOMEM, "allocation %u of %u: result %d",
                      (unsigned)i, (unsigned)all, result);
        if (result == TG_OK)
            ck_assert_uint_eq(life.digest, good.digest); /* it did without */
        else
            refused++;
    }
    ck_assert_uint_gt(refused, 20);
}
END_TEST

/* --- Operations that change a machine, or nothing --- */

struct change {
    int (*act)(struct tg_machine *machine, struct change *change);
    uint64_t least; /* allocations that it takes, at least */
    struct elf_file file;
    void *snapshot;
    size_t snapshot_size;
};

static int change_image(struct tg_machine *machine, struct change *change)
{
    return tg_machine_load_image(machine, change->file.bytes, change->file.size, NULL);
}

static int change_disk(struct tg_machine *machine, struct change *change)
{
    return tg_machine_attach_disk(machine, change->file.bytes, 512, NULL);
}

/* The snapshot is of a machine of another size with an image and a disk: all is taken anew. */
static int change_all(struct tg_machine *machine, struct change *change)
{
    return tg_machine_load(machine, change->snapshot, change->snapshot_size, NULL);
}

/* Two machines beside this one, in lockstep with a checkpoint. */
static int compare(struct tg_machine *machine, struct change *change)
{
    struct tg_machine *pair[2] = {NULL, NULL};
    int result = TG_OK;
    for (int i = 0; i < 2 && result == TG_OK; i++) {
        result = tg_machine_create(tg_machine_config(machine), NULL, &pair[i], NULL);
        if (result == TG_OK)
            result = change_all(pair[i], change);
    }
    struct tg_run_limits limits = {.until = {5000, TG_NO_LIMIT}};
    struct tg_stop stop;
    struct tg_difference difference;
    if (result == TG_OK)
        result = tg_lockstep_run(pair[0], pair[1], 1000, &limits, &stop, &difference);
    tg_machine_destroy(pair[0]);
    tg_machine_destroy(pair[1]);
    return result;
}

static void expect_unchanged(struct change *change, struct tg_machine *machine)
{
    uint64_t before = tg_machine_digest(machine), refused = 0;
    int result = TG_E_NOMEM;
    while (result != TG_OK && refused < 1000) {
        allocations = 0;
        failing = refused + 1;
        result = change->act(machine, change);
        failing = 0;
        if (result != TG_OK) {
            ck_assert_int_eq(result, TG_E_NOMEM);
            ck_assert_uint_eq(tg_machine_digest(machine), before);
            refused++;
        }
    }
    ck_assert_uint_ge(refused, change->least);
    ck_assert_uint_lt(refused, 1000);
}

START_TEST(a_failed_operation_leaves_the_machine_as_it_was)
{
    struct change changes[] = {{.act = change_image, .least = 4},
                               {.act = change_disk, .least = 3},
                               {.act = change_all, .least = 10},
                               {.act = compare, .least = 20}};
    struct life life = {.engine = ENGINE};
    elf_file_init(&life.file);
    ck_assert_int_eq(make(&life, &life.machine), TG_OK);
    program_run(life.machine, 500);
    ck_assert_int_eq(save(&life), TG_OK);
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        struct tg_config config = {.engine = ENGINE, .cpus = 7, .ram_bytes = 2 * TG_MIN_RAM_BYTES};
        struct tg_machine *machine;
        ck_assert_int_eq(tg_machine_create(&config, NULL, &machine, NULL), TG_OK);
        tg_machine_ram_write(machine, 0x1f000, "something", 9);
        changes[i].file = life.file;
        changes[i].snapshot = life.snapshot;
        changes[i].snapshot_size = life.snapshot_size;
        expect_unchanged(&changes[i], machine);
        tg_machine_destroy(machine);
    }
    tg_machine_destroy(life.machine);
    free(life.log);
    free(life.snapshot);
}
END_TEST

SUITE_MAIN("no-memory", each_allocation_fails_once, a_failed_operation_leaves_the_machine_as_it_was)
