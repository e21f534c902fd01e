/* The machine's disk as its driver sees it, with faults on request: for tests of the driver. */
#ifndef TESTS_GUESTOS_DEVICE_DISK_H
#define TESTS_GUESTOS_DEVICE_DISK_H

#include <stdbool.h>
#include <stdint.h>

/* What the next commands do instead of succeeding: as many as the number says. */
struct device_faults {
    unsigned errors;          /* complete with an error */
    unsigned lost_interrupts; /* complete, and nobody is told */
    unsigned silences;        /* never complete, and the device is free */
    unsigned stuck;           /* never complete, and the device stays busy */
};

extern struct device_faults device_faults;
extern unsigned char device_memory[65536]; /* the driver's */
extern unsigned device_commands;           /* completed so far */
extern uint64_t device_sectors_moved;

/* Sets ports and system of the host for a disk of that many sectors, each filled with its number.
 */
void device_begin(uint32_t sectors);

/* A sector as it is on the disk. */
unsigned char *device_sector(uint32_t sector);

/* A command is under way when the driver comes. */
void device_set_busy(void);

/* Completes the command under way and raises the interrupt; false: there was none. */
bool device_complete(void);

#endif
