/* The start of the machine (boot.h); entry.S has switched paging on and given each CPU a stack. */
#include <string.h>

#include "kernel/boot.h"
#include "kernel/cpu.h"
#include "kernel/frames.h"
#include "kernel/panic.h"
#include "kernel/request.h"
#include "kernel/schedule.h"

/* What the machine says of itself: docs/isa.md RST-4. */
struct boot_block {
    uint32_t magic, version;
    uint32_t ram_bytes, cpus;
    uint32_t words_length;
    char words[];
};

#define BOOT_BLOCK         0x100u
#define BOOT_BLOCK_MAGIC   0x54474254u
#define BOOT_BLOCK_VERSION 1u

/* RAM beyond this has no place between the direct map's start and the devices' windows. */
#define MOST_RAM (0xf0000000u - K_DIRECT_MAP)

/* Longest name and value of a boot word, with their zero bytes. */
#define WORD_NAME  32
#define WORD_VALUE 256

const char *k_boot_words;
uint32_t k_boot_words_length;

extern const char _end[];
void k_start_cpu(void);

/* --- Boot words --------------------------------------------------------------------------------------- */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n';
}

/* Reads one word from *text on: blanks end it, but not between quotes, which are left out. */
static void read_word(const char **text, char *name, char *value)
{
    const char *next = *text;
    uint32_t length = 0;
    char quote = '\0';
    bool has_value = false;

    for (; *next && (quote || !is_blank(*next)); next++) {
        if (quote ? *next == quote : *next == '"' || *next == '\'') {
            quote = quote ? '\0' : *next;
        } else if (*next == '=' && !has_value) {
            name[length] = '\0';
            has_value = true;
            length = 0;
        } else if (length + 1 < (has_value ? WORD_VALUE : WORD_NAME)) {
            (has_value ? value : name)[length++] = *next;
        }
    }
    (has_value ? value : name)[length] = '\0';
    if (!has_value)
        value[0] = '\0';
    *text = next;
}

void k_boot_each(void (*take)(const char *name, const char *value))
{
    const char *next = k_boot_words;
    char name[WORD_NAME], value[WORD_VALUE];

    for (;;) {
        while (is_blank(*next))
            next++;
        if (*next == '\0')
            return;
        read_word(&next, name, value);
        take(name, value);
    }
}

/* --- CPUs --------------------------------------------------------------------------------------------------- */

static void start_others(void)
{
    tg_outw(TG_PORT_INTERRUPTS_START_PC, k_physical((const void *)(uintptr_t)k_start_cpu));
    for (uint32_t number = 1; number < k_cpu_count; number++)
        tg_outw(TG_PORT_INTERRUPTS_START, number);
}

static void start_memory(void)
{
    const struct boot_block *block = k_direct(BOOT_BLOCK);
    uint32_t ram_bytes = block->ram_bytes < MOST_RAM ? block->ram_bytes : MOST_RAM;

    if (block->magic != BOOT_BLOCK_MAGIC || block->version != BOOT_BLOCK_VERSION)
        k_panic("no boot block of version %u at %8x", BOOT_BLOCK_VERSION, BOOT_BLOCK);
    k_boot_words = block->words;
    k_boot_words_length = block->words_length;
    k_cpu_count = block->cpus < K_CPUS ? block->cpus : K_CPUS;
    k_frames_start(k_physical(_end), ram_bytes);
    k_space_start(ram_bytes);
}

/* entry.S: a CPU has started. The process to go on with; the lock is held, except for the idle one. */
struct process *k_boot(uint32_t number);

struct process *k_boot(uint32_t number)
{
    if (number == 0) {
        start_memory();
        k_calls_start();
        k_requests_start();
        k_process_start();
    }
    k_cpu_init(number);
    k_lock();
    k_schedule_start(k_cpu());
    if (number == 0) {
        k_services_start();
        start_others();
    }
    k_cpu()->must_choose = true;
    return k_choose(k_current());
}
