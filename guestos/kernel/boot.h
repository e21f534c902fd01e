/*
 * The start: what the machine is, what was asked for (boot words), the programs inside the kernel's
 * image (modules: the servers).
 */
#ifndef KERNEL_BOOT_H
#define KERNEL_BOOT_H

#include <stdbool.h>
#include <stdint.h>

#include "kernel/process.h"

/* The boot words as they were given, and their length. */
extern const char *k_boot_words;
extern uint32_t k_boot_words_length;

/* Calls take(name, value) for each word NAME=VALUE, in order; NAME alone has the value "". Double
 * quotes keep blanks together and are left out. */
void k_boot_each(void (*take)(const char *name, const char *value));

/* A program inside the kernel's image. */
struct module {
    uint32_t bytes;
    char image[];
};

/* The server's program of each service; NULL if there is none. */
extern const struct module *const k_modules[TP_SERVICE_COUNT];

/* Loads an ELF program into the space of a process (k_space_begin has made it) and sets its entry,
 * with a stack of that many pages below TP_STACK_TOP; *ret_heap is the first page after its data.
 * -TP_ENOEXEC, -TP_ENOMEM. */
int k_load_program(struct process *process, const void *image, uint32_t bytes,
                   uint32_t stack_pages, uint32_t *ret_heap);

#endif
