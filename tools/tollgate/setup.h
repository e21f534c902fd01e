/*
 * From run options to a machine: what `run` and the other sub-commands that take run options share.
 */
#ifndef TOOL_SETUP_H
#define TOOL_SETUP_H

#include <stdbool.h>
#include <stdint.h>

#include "common/files.h"
#include "common/options.h"
#include "tollgate.h"

/* What the user asked for. Initialise with setup_defaults, fill in through the rows of setup_rows. */
struct setup {
    const char *engine, *lockstep, *boot, *keys, *disk;
    const char *digest_file, *stats_file, *ledger_file, *screen_file, *wav_file, *serial_input;
    const char *load_file, *save_file, *record_file, *replay_file, *image_path;
    uint64_t cpus, ram, seed, quantum, max_insns, max_ticks, lockstep_interval;
    bool is_disk_written, is_digest_wanted, is_quiet, is_help_wanted, is_version_wanted;

    /* Read from the files above by setup_read; freed by setup_finish. */
    struct file_bytes image, disk_image, key_text, serial_bytes, snapshot, log;
    char *bundled_kernel, *bundled_disk; /* paths, where image_path and disk are the guest OS's own */
};

/* What the queues of serial console and keyboard hold (docs/devices.md): a machine is made with the first bytes of
 * --serial-input; the rest, and the keys, come when the guest waits. A character is up to 4 codes of the keyboard. */
#define SETUP_SERIAL_BYTES 256
#define SETUP_KEYS         64

#define SETUP_ROWS 32
void setup_defaults(struct setup *setup);
void setup_rows(struct setup *setup, struct option_row rows[SETUP_ROWS]);

/* Checks values and reads every input file, and checks that output files could be written. False after printing why. */
bool setup_read(struct setup *setup);
void setup_finish(struct setup *setup);

/* Makes a machine as asked, with another engine if engine is not NULL. False after printing why. */
bool setup_machine(const struct setup *setup, const char *engine, const struct tg_host *host,
                   struct tg_machine **ret_machine);

#endif
