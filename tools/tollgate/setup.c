/* See setup.h. */
#include "setup.h"

#include "bundle.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define IMAGE_LIMIT    (SIZE_MAX >> 33 == 0 ? (size_t)1 << 30 : (size_t)1 << 31)
#define DISK_LIMIT     ((size_t)1 << 32)
#define TEXT_LIMIT     ((size_t)64 << 20)
#define QUANTUM_UNSET  UINT64_MAX

/* A reservation ends with the turn (docs/isa.md AMO-3), and a loop of up to 16 instructions must succeed some time. */
#define SHORTEST_QUANTUM 32

#define SNAPSHOT_LIMIT ((size_t)1 << 32)

void setup_defaults(struct setup *setup)
{
    *setup = (struct setup){.cpus = 1,
                            .ram = TG_DEFAULT_RAM_BYTES,
                            .quantum = QUANTUM_UNSET,
                            .max_insns = TG_NO_LIMIT,
                            .max_ticks = TG_NO_LIMIT,
                            .lockstep_interval = 10000};
}

void setup_rows(struct setup *s, struct option_row rows[SETUP_ROWS])
{
    const struct option_row list[] = {
        {"engine", OPTION_TEXT, &s->engine, "NAME", "what executes instructions: fast (default), reference"},
        {"cpus", OPTION_COUNT, &s->cpus, "N", "CPUs, 1 to 8 (1)"},
        {"ram", OPTION_SIZE, &s->ram, "SIZE", "RAM, 64K to 2G (64M)"},
        {"quantum", OPTION_COUNT, &s->quantum, "N", "ticks of a CPU's turn (64; 65536 with one CPU)"},
        {"seed", OPTION_COUNT, &s->seed, "N", "seed of the random number device (0)"},
        {"boot", OPTION_TEXT, &s->boot, "WORDS", "boot words for the kernel"},
        {"disk", OPTION_TEXT, &s->disk, "FILE", "raw disk image; the guest's changes stay in memory"},
        {"disk-write", OPTION_FLAG, &s->is_disk_written, NULL, "write the changes to the disk image at the end"},
        {"keys", OPTION_TEXT, &s->keys, "TEXT|@FILE", "type this, a line whenever the guest waits for input"},
        {"serial-input", OPTION_TEXT, &s->serial_input, "FILE", "bytes that arrive at the serial console, as the guest reads them"},
        {"max-insns", OPTION_COUNT, &s->max_insns, "N", "stop after N instructions"},
        {"max-ticks", OPTION_COUNT, &s->max_ticks, "N", "stop when N ticks of virtual time have passed"},
        {"lockstep", OPTION_TEXT, &s->lockstep, "ENGINE", "run a second engine beside and compare"},
        {"lockstep-every", OPTION_COUNT, &s->lockstep_interval, "N", "instructions between comparisons (10000)"},
        {"digest", OPTION_FLAG, &s->is_digest_wanted, NULL, "last line on standard error: digest: HEX at insn N"},
        {"stats", OPTION_TEXT, &s->stats_file, "FILE", "write counts as JSON"},
        {"ledger", OPTION_TEXT, &s->ledger_file, "FILE", "write a line per crossing; JSON Lines if FILE ends in .jsonl"},
        {"screen", OPTION_TEXT, &s->screen_file, "FILE", "write the text display at the end (- for standard output)"},
        {"wav", OPTION_TEXT, &s->wav_file, "FILE", "write what the sound device played"},
        {"record", OPTION_TEXT, &s->record_file, "FILE", "write the log of all input at the end"},
        {"replay", OPTION_TEXT, &s->replay_file, "FILE", "take input from a log, at the same instructions"},
        {"save", OPTION_TEXT, &s->save_file, "FILE", "write a snapshot of the machine at the end"},
        {"load", OPTION_TEXT, &s->load_file, "FILE", "start from a snapshot (then without IMAGE)"},
        {"quiet", OPTION_FLAG, &s->is_quiet, NULL, "no report when the guest fails"},
        {"help", OPTION_FLAG, &s->is_help_wanted, NULL, "this text"},
        {"version", OPTION_FLAG, &s->is_version_wanted, NULL, "the version"},
        {NULL, OPTION_FLAG, NULL, NULL, NULL},
    };
    _Static_assert(sizeof list / sizeof list[0] <= SETUP_ROWS, "more options than room");
    memcpy(rows, list, sizeof list);
}

static bool engine_is_known(const char *option, const char *name)
{
    const char *names[16], *known;
    unsigned count = 0;
    if (name == NULL)
        return true;
    while (count < 16 && (known = tg_engine_name(count, NULL)) != NULL) {
        if (strcmp(known, name) == 0)
            return true;
        names[count++] = known;
    }
    const char *near = nearest_name(name, names, count);
    fprintf(stderr, "tollgate: --%s %s: no such engine", option, name);
    if (near != NULL)
        fprintf(stderr, "; did you mean %s?", near);
    fprintf(stderr, " (known:");
    for (unsigned i = 0; i < count; i++)
        fprintf(stderr, " %s", names[i]);
    fputs(")\n", stderr);
    return false;
}

static bool values_are_sound(const struct setup *s)
{
    const char *complaint = NULL;
    if (s->cpus == 0 || s->cpus > TG_MAX_CPUS)
        complaint = "--cpus: expected 1 to 8";
    else if (s->ram < TG_MIN_RAM_BYTES || s->ram > TG_MAX_RAM_BYTES || s->ram % TG_PAGE_BYTES != 0)
        complaint = "--ram: expected 64K to 2G, a multiple of 4K";
    else if (s->quantum != QUANTUM_UNSET && (s->quantum < SHORTEST_QUANTUM || s->quantum > UINT32_MAX))
        complaint = "--quantum: expected 32 to 4294967295; lr.w and sc.w loops need that many ticks in one turn";
    else if (s->boot != NULL && strlen(s->boot) >= TG_BOOT_WORDS_BYTES)
        complaint = "--boot: the boot words are longer than 2047 bytes";
    else if (s->is_disk_written && s->disk == NULL)
        complaint = "--disk-write: there is no disk; add --disk FILE";
    else if (s->lockstep_interval == 0)
        complaint = "--lockstep-every: expected at least 1";
    else if (s->load_file != NULL && (s->image_path != NULL || s->disk != NULL || s->boot != NULL))
        complaint = "--load: the snapshot holds image, disk and boot words; leave IMAGE, --disk and --boot out";
    if (complaint != NULL)
        fprintf(stderr, "tollgate: %s\n", complaint);
    return complaint == NULL && engine_is_known("engine", s->engine) && engine_is_known("lockstep", s->lockstep);
}

static bool outputs_are_writable(const struct setup *s)
{
    const char *const outputs[][2] = {{"statistics file", s->stats_file},  {"ledger", s->ledger_file},
                                      {"sound file", s->wav_file},         {"input log", s->record_file},
                                      {"snapshot", s->save_file},          {"screen file", s->screen_file},
                                      {"disk image", s->is_disk_written ? s->disk : NULL}};
    for (size_t i = 0; i < sizeof outputs / sizeof outputs[0]; i++)
        if (outputs[i][1] != NULL && strcmp(outputs[i][1], "-") != 0 && !file_is_writable(outputs[i][0], outputs[i][1]))
            return false;
    return true;
}

/* Key text: given on the command line, or in a file after an @. */
static bool keys_read(struct setup *s)
{
    if (s->keys == NULL)
        return true;
    if (s->keys[0] == '@')
        return file_read("key text", s->keys + 1, TEXT_LIMIT, &s->key_text);
    size_t size = strlen(s->keys);
    s->key_text = (struct file_bytes){malloc(size + 2), size};
    if (s->key_text.bytes == NULL)
        return false;
    memcpy(s->key_text.bytes, s->keys, size + 1);
    if (size > 0 && s->keys[size - 1] != '\n') /* a text on the command line is typed with Enter */
        s->key_text.bytes[s->key_text.size++] = '\n';
    return true;
}

/* Without an image to run it is the guest OS, with its own disk if no other is given. */
static bool find_bundle(struct setup *s)
{
    if (s->image_path != NULL || s->load_file != NULL)
        return true;
    s->image_path = s->bundled_kernel = bundle_find(BUNDLE_KERNEL);
    if (s->image_path != NULL && s->disk == NULL)
        s->disk = s->bundled_disk = bundle_find(BUNDLE_DISK);
    return s->image_path != NULL && s->disk != NULL;
}

bool setup_read(struct setup *s)
{
    if (!values_are_sound(s) || !find_bundle(s))
        return false;
    if (s->image_path != NULL && !file_read("image", s->image_path, IMAGE_LIMIT, &s->image))
        return false;
    if (s->disk != NULL && !file_read("disk image", s->disk, DISK_LIMIT, &s->disk_image))
        return false;
    if (s->load_file != NULL && !file_read("snapshot", s->load_file, SNAPSHOT_LIMIT, &s->snapshot))
        return false;
    if (s->replay_file != NULL && !file_read("input log", s->replay_file, TEXT_LIMIT, &s->log))
        return false;
    if (s->serial_input != NULL && !file_read("serial input", s->serial_input, TEXT_LIMIT, &s->serial_bytes))
        return false;
    return keys_read(s) && outputs_are_writable(s);
}

void setup_finish(struct setup *s)
{
    struct file_bytes *const files[] = {&s->image,        &s->disk_image, &s->key_text,
                                        &s->serial_bytes, &s->snapshot,   &s->log};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        free(files[i]->bytes);
        *files[i] = (struct file_bytes){NULL, 0};
    }
    free(s->bundled_kernel);
    free(s->bundled_disk);
    s->bundled_kernel = s->bundled_disk = NULL;
}

/* Puts image, disk, snapshot and log into a fresh machine; *ret_what names the file that failed. */
static int machine_fill(const struct setup *s, struct tg_machine *machine, struct tg_error *error,
                        const char **ret_what)
{
    int result = TG_OK;
    if (s->disk != NULL) {
        *ret_what = s->disk;
        result = tg_machine_attach_disk(machine, s->disk_image.bytes, s->disk_image.size, error);
    }
    if (result == TG_OK && s->image_path != NULL) {
        *ret_what = s->image_path;
        result = tg_machine_load_image(machine, s->image.bytes, s->image.size, error);
    }
    if (result == TG_OK && s->load_file != NULL) {
        *ret_what = s->load_file;
        result = tg_machine_load(machine, s->snapshot.bytes, s->snapshot.size, error);
    }
    if (result == TG_OK && s->replay_file != NULL) {
        *ret_what = s->replay_file;
        result = tg_machine_replay(machine, (const char *)s->log.bytes, s->log.size, error);
    }
    for (size_t i = 0; result == TG_OK && i < s->serial_bytes.size && i < SETUP_SERIAL_BYTES; i++) {
        *ret_what = s->serial_input;
        result = tg_machine_input(machine, (struct tg_input){TG_INPUT_SERIAL, s->serial_bytes.bytes[i]});
    }
    return result;
}

bool setup_machine(const struct setup *s, const char *engine, const struct tg_host *host,
                   struct tg_machine **ret_machine)
{
    struct tg_config config = {.engine = engine != NULL ? engine : s->engine,
                               .cpus = (uint32_t)s->cpus,
                               .ram_bytes = (uint32_t)s->ram,
                               .quantum = s->quantum == QUANTUM_UNSET ? 0 : (uint32_t)s->quantum,
                               .seed = s->seed,
                               .boot_words = s->boot};
    struct tg_error error = {""};
    struct tg_machine *machine;
    const char *what = "machine";
    int result = tg_machine_create(&config, host, &machine, &error);
    if (result == TG_OK) {
        result = machine_fill(s, machine, &error, &what);
        if (result != TG_OK)
            tg_machine_destroy(machine);
    }
    if (result != TG_OK) {
        fprintf(stderr, "tollgate: %s: %s\n", what, error.text[0] != '\0' ? error.text : "not enough memory");
        return false;
    }
    *ret_machine = machine;
    return true;
}
