/* See turnpike.h. */
#include "turnpike.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_BOOT 20000000

struct turnpike turnpike;

static void take_console(void *context, const uint8_t *bytes, size_t count)
{
    struct turnpike *t = context;

    for (size_t i = 0; i < count && t->console_bytes < sizeof t->console - 1; i++)
        t->console[t->console_bytes++] = (char)bytes[i];
    t->console[t->console_bytes] = '\0';
}

static void *read_file(const char *path, size_t *ret_size)
{
    FILE *file = path == NULL ? NULL : fopen(path, "rb");
    char *bytes;
    long size;

    ck_assert_msg(file != NULL, "cannot open %s", path == NULL ? "a file that the environment does not name" : path);
    fseek(file, 0, SEEK_END);
    size = ftell(file);
    rewind(file);
    ck_assert(size > 0);
    bytes = malloc((size_t)size);
    ck_assert(bytes != NULL && fread(bytes, 1, (size_t)size, file) == (size_t)size);
    fclose(file);
    *ret_size = (size_t)size;
    return bytes;
}

/* Symbols that were asked for: they are asked for often. */
static struct {
    char service[32], symbol[64];
    uint32_t address;
    bool is_found;
} known[64];
static size_t known_count;

/* A server's program is an image as any other; a machine that never runs knows its symbols. */
bool turnpike_find_symbol(void *context, const char *service, const char *symbol, uint32_t *ret_address)
{
    const struct tg_config config = {.ram_bytes = 1 << 20};
    struct tg_machine *machine;
    char path[1024];
    size_t size, i = 0;
    void *bytes;

    (void)context;
    if (service == NULL)
        return false;
    while (i < known_count && (strcmp(known[i].service, service) != 0 || strcmp(known[i].symbol, symbol) != 0))
        i++;
    if (i == known_count) {
        ck_assert_uint_lt(known_count++, sizeof known / sizeof known[0]);
        snprintf(known[i].service, sizeof known[i].service, "%s", service);
        snprintf(known[i].symbol, sizeof known[i].symbol, "%s", symbol);
        snprintf(path, sizeof path, "%s/%s.server.elf", getenv("TG_SERVERS"), service);
        bytes = read_file(path, &size);
        ck_assert_int_eq(tg_machine_create(&config, NULL, &machine, NULL), TG_OK);
        ck_assert_int_eq(tg_machine_load_image(machine, bytes, size, NULL), TG_OK);
        known[i].is_found = tg_machine_find_symbol(machine, symbol, &known[i].address, NULL);
        tg_machine_destroy(machine);
        free(bytes);
    }
    *ret_address = known[i].address;
    return known[i].is_found;
}

static void load(void)
{
    size_t size;
    void *bytes = read_file(getenv("TG_KERNEL"), &size);

    ck_assert_int_eq(tg_machine_load_image(turnpike.machine, bytes, size, NULL), TG_OK);
    free(bytes);
    bytes = read_file(getenv("TG_DISK"), &size);
    ck_assert_int_eq(tg_machine_attach_disk(turnpike.machine, bytes, size, NULL), TG_OK);
    free(bytes);
}

void turnpike_boot(const char *words, uint32_t cpus)
{
    const struct tg_config config = {.cpus = cpus, .boot_words = words};
    const struct tg_host host = {.context = &turnpike, .console = take_console};
    const struct tg_guest_programs programs = {.find_symbol = turnpike_find_symbol};
    struct tg_error error;

    memset(&turnpike, 0, sizeof turnpike);
    ck_assert_int_eq(tg_machine_create(&config, &host, &turnpike.machine, &error), TG_OK);
    load();
    ck_assert_msg(tg_guest_open(turnpike.machine, &programs, &turnpike.guest, &error) == TG_OK, "%s", error.text);
    ck_assert_int_eq(turnpike_type("", MOST_BOOT), TG_STOP_INPUT);
}

static enum tg_stop_reason run(uint64_t insns, bool for_input)
{
    struct tg_run_limits limits = {.until = {tg_machine_position(turnpike.machine).insns + insns, TG_NO_LIMIT},
                                   .stop_for_input = for_input};
    struct tg_stop stop;

    tg_machine_run(turnpike.machine, &limits, &stop);
    return stop.reason;
}

enum tg_stop_reason turnpike_type(const char *text, uint64_t most)
{
    if (text[0] != '\0')
        ck_assert_int_eq(tg_machine_type(turnpike.machine, text, strlen(text)), TG_OK);
    return run(most, true);
}

enum tg_stop_reason turnpike_run(uint64_t insns)
{
    return run(insns, false);
}

void turnpike_until(bool (*condition)(void), uint64_t step, uint64_t most)
{
    for (uint64_t done = 0; done < most; done += step) {
        if (condition())
            return;
        run(step, false);
    }
    ck_abort_msg("it was not so within %llu instructions; the console: %s", (unsigned long long)most, turnpike.console);
}

void turnpike_end(void)
{
    tg_guest_close(turnpike.guest);
    tg_machine_destroy(turnpike.machine);
    turnpike = (struct turnpike){0};
}
