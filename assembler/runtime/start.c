/*
 * Where a bare program begins: CPU 0, ring 0, paging off, all of RAM (docs/isa.md section 10).
 * Makes arguments of the boot words, runs constructors and main, and switches the machine off with
 * main's result. Compiled twice: for programs with the C library, and with TG_WITHOUT_LIBC for
 * those without.
 */
#include "runtime.h"

#define BOOT_MAGIC 0x54474254u

/* docs/isa.md RST-4 */
struct boot_block {
    uint32_t magic, version, ram_bytes, cpus, words_bytes;
    char words[];
};

int main(int argc, char **argv, char **environment);

/* Of the linker's layout: what runs before main. */
extern void (*const __preinit_array_start[])(void), (*const __preinit_array_end[])(void);
extern void (*const __init_array_start[])(void), (*const __init_array_end[])(void);

#ifdef TG_WITHOUT_LIBC
#define exit _exit
#else
_Noreturn void exit(int status);
#endif

enum { MOST_ARGUMENTS = 64, MOST_BYTES = 4096 };

void tg_start_c(struct boot_block *boot);

/* Entry: a1 the boot block, sp the end of RAM. The variables of the one thread are where the linker
 * put them, and tp points there. */
__attribute__((naked, section(".text.start"))) void _start(void)
{
    __asm__ volatile("lui tp, %hi(__tls_base)\n"
                     "addi tp, tp, %lo(__tls_base)\n"
                     "mv a0, a1\n"
                     "call tg_start_c\n");
}

/* Splits the boot words at blanks; argument 0 is the program. */
static int make_arguments(const struct boot_block *boot, char *text, char **arguments)
{
    uint32_t size = boot->magic == BOOT_MAGIC ? boot->words_bytes : 0;
    int count = 0;
    char before = ' ';

    arguments[count++] = "program";
    for (uint32_t i = 0; i < size && i < MOST_BYTES - 1; i++) {
        text[i] = boot->words[i] == ' ' ? '\0' : boot->words[i];
        if (text[i] != '\0' && before == ' ' && count < MOST_ARGUMENTS)
            arguments[count++] = &text[i];
        before = boot->words[i];
    }
    return count;
}

static void run_all(void (*const *first)(void), void (*const *end)(void))
{
    for (; first < end; first++)
        (*first)();
}

__attribute__((used, noreturn)) void tg_start_c(struct boot_block *boot)
{
    static char text[MOST_BYTES];
    static char *arguments[MOST_ARGUMENTS + 1], *environment[1];
    int count = make_arguments(boot, text, arguments);

    run_all(__preinit_array_start, __preinit_array_end);
    run_all(__init_array_start, __init_array_end);
    exit(main(count, arguments, environment));
}
