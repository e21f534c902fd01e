/*
 * Memory as it was shown last, so that x goes on.
 */
#ifndef DEBUGGER_MEMORY_H
#define DEBUGGER_MEMORY_H

#include <stdint.h>

struct debugger;

struct memory_format {
    uint32_t count, bytes; /* of a unit */
    char letter;           /* 0: nothing was shown yet */
};

/* The text of an instruction, with the name of where it leads. */
void memory_show_instruction(struct debugger *d, uint32_t address, uint32_t word);

#endif
