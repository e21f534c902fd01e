/*
 * Where entry.S finds the parts of struct process and struct cpu. process.c proves each line.
 */
#ifndef KERNEL_OFFSETS_H
#define KERNEL_OFFSETS_H

#define PROCESS_IOMAP   24
#define PROCESS_RA      28
#define PROCESS_GP      32
#define PROCESS_TP      36
#define PROCESS_T       40
#define PROCESS_S       68
#define PROCESS_A       116
#define PROCESS_ENTRIES 148
#define PROCESS_CALLS   152
#define PROCESS_PTROOT  160

#define LOCK_SERVING 4

/* What a service sees of a request. */
#define REQUEST_HANDLE 12
#define REQUEST_CALLER 16
#define REQUEST_CALL   20
#define REQUEST_ARGS   24

/* The gate after TP_VECTOR_CALL, for the idle process that polls. */
#define K_VECTOR_POLL 65

/* From one CPU's stack to the next, and the part of it that is not mapped or stack. */
#define AREA_BYTES  16384
#define AREA_OF_CPU 16352

#endif
