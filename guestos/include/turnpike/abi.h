/*
 * What Turnpike's kernel, services and programs agree on: call numbers, messages, queues, errors,
 * addresses. Everything here is plain data; it is also read by host programs (tests, tg-mkfs).
 * Manual: docs/turnpike.md.
 */
#ifndef TURNPIKE_ABI_H
#define TURNPIKE_ABI_H

#include <stdint.h>

/* --- Gates ------------------------------------------------------------------------------------ */

/* The one gate that rings 1 to 3 may raise: a7 the call's number, a0 to a5 its arguments, a0 the
 * result: 0 or more, or the negative of an error. ra, sp, gp, tp and s0 to s11 keep their values;
 * a1 to a7 and t0 to t6 do not, except where a call answers in them (messages in registers). */
#define TP_VECTOR_CALL 64

/* --- Services and calls ----------------------------------------------------------------------- */

/* Who serves a call. SYSTEM is the kernel itself and never moves; the others live in the kernel or
 * in a process, as the boot words say. The order is that of their start. */
enum tp_service {
#define TP_SERVICE(ID, ...) TP_SERVICE_##ID,
#include "turnpike/services.def"
    TP_SERVICE_COUNT
};

/* Numbers of calls, TP_CALL_READ and so on, in the order of the table. */
enum tp_call {
#define TP_CALL(ID, ...) TP_CALL_##ID,
#include "turnpike/calls.def"
    TP_CALL_COUNT
};

/* Most arguments of a call. */
#define TP_ARGUMENTS 6

/* An argument as it travels: a number or an address of the caller's. (A pointer's size, so that the
 * services also run in tests on the host.) */
typedef uintptr_t tp_word;

/* --- Endpoints -------------------------------------------------------------------------------- */

/* Who a message is for or from: a process's slot, and a generation that grows whenever the slot is
 * used again, so that a name of a dead process never means its successor. Endpoints below
 * TP_SERVICE_COUNT name services, wherever they are, and stay the same when a server is restarted. */
#define TP_ENDPOINT(slot, generation) ((uint32_t)(generation) << 8 | (uint32_t)(slot))
#define TP_ENDPOINT_SLOT(endpoint)    ((endpoint)&0xffu)
#define TP_ENDPOINT_ANY               0xffffffffu /* to receive from whoever sends */
#define TP_ENDPOINT_HARDWARE          0x7ffffffeu /* source of interrupts and alarms */

/* Slots of processes; those below TP_FIRST_PROCESS_SLOT are the services' own. */
#define TP_PROCESSES          96
#define TP_FIRST_PROCESS_SLOT 16

/* --- Messages --------------------------------------------------------------------------------- */

#define TP_MESSAGE_WORDS 14

/* 64 bytes. source is written by the kernel. */
struct tp_message {
    uint32_t source;
    uint32_t type;
    uint32_t words[TP_MESSAGE_WORDS];
};

/* A message in registers: its type and seven words. */
struct tp_words {
    uint32_t word[8];
};

/* type of messages whose source is TP_ENDPOINT_HARDWARE or that notify() made: words[0] has the bits
 * of all notifications since the last such message, and for interrupts bit n for source n. */
#define TP_MESSAGE_NOTIFY    0xffff0000u
#define TP_MESSAGE_INTERRUPT 0xffff0001u
#define TP_MESSAGE_ALARM     0xffff0002u

/* What a grant allows its holder to do with the memory. */
#define TP_GRANT_READ  1u
#define TP_GRANT_WRITE 2u

/* --- Queues ----------------------------------------------------------------------------------- */

#define TP_QUEUE_ENTRIES     64  /* a power of two */
#define TP_QUEUE_COMPLETIONS 128 /* likewise; more than can be in flight */

struct tp_queue_entry {
    uint32_t call;
    uint32_t args[TP_ARGUMENTS];
    uint32_t tag; /* comes back with the completion */
};

struct tp_completion {
    uint32_t tag;
    int32_t result;
};

/* One page, shared by a process and the kernel. Each index grows by one for each entry, modulo 2^32, and
 * is written by one side only; the place is the index modulo the ring's size. */
struct tp_queue {
    uint32_t submitted;  /* the process's: entries put in */
    uint32_t taken;      /* the kernel's: entries taken out */
    uint32_t completed;  /* the kernel's: completions put in */
    uint32_t collected;  /* the process's: completions taken out */
    uint32_t is_polled;  /* the kernel's: a CPU looks at submitted by itself, no doorbell is needed */
    uint32_t refused;    /* the kernel's: entries that were not calls, or not allowed in a queue */
    uint32_t reserved[2];
    struct tp_queue_entry entries[TP_QUEUE_ENTRIES];
    struct tp_completion completions[TP_QUEUE_COMPLETIONS];
};

/* How a process asks: set_calls(), and the boot word calls=. */
enum tp_calls { TP_CALLS_TRAP, TP_CALLS_QUEUE };

/* --- Address space of a process ---------------------------------------------------------------- */

#define TP_PAGE          4096u
#define TP_USER_FIRST    0x00010000u /* below: never mapped, so that null pointers fault */
#define TP_USER_END      0xc0000000u
#define TP_QUEUE_ADDRESS 0xbffff000u /* struct tp_queue, where there is one */
#define TP_STACK_TOP     0xbffe0000u
#define TP_STACK_BYTES   (256u * 1024) /* most that the stack grows to */
#define TP_MODULE_BASE   0x00010000u   /* where servers are linked, as all programs */

/* What a page of a program may be used for beside reading: SPACE_MAP and MEMORY_MAP. */
#define TP_MAP_WRITE   2u
#define TP_MAP_EXECUTE 4u

/* A program starts with sp at argc; then argv[0] to argv[argc], which is NULL, then the texts. */
#define TP_ARGUMENT_BYTES 4096 /* most for them all, packed one after the other for exec */
#define TP_ARGUMENT_COUNT 64
#define TP_PATH_BYTES     256 /* longest path with its zero byte */

/* --- Files ------------------------------------------------------------------------------------- */

#define TP_OPEN_READ     0x0u /* as picolibc numbers them: its programs come with its <fcntl.h> */
#define TP_OPEN_WRITE    0x1u
#define TP_OPEN_BOTH     0x2u
#define TP_OPEN_CREATE   0x40u
#define TP_OPEN_TRUNCATE 0x200u
#define TP_OPEN_APPEND   0x400u
#define TP_OPEN_EXCL     0x800u
#define TP_OPEN_CLOEXEC  0x40000u

#define TP_FILES 32 /* open files of a process */

enum tp_file_type { TP_TYPE_FILE = 1, TP_TYPE_DIRECTORY, TP_TYPE_DEVICE, TP_TYPE_PIPE };

struct tp_stat {
    uint32_t inode;
    uint32_t type; /* enum tp_file_type */
    uint32_t links;
    uint32_t size;   /* bytes */
    uint32_t device; /* of a device: major << 8 | minor */
    uint32_t blocks; /* of 512 bytes, as POSIX counts them */
    uint32_t reserved[2];
};

/* What read() of a directory gives, one after the other; entries with inode 0 are free. */
#define TP_NAME_BYTES 60 /* longest name with its zero byte */
struct tp_directory_entry {
    uint32_t inode;
    char name[TP_NAME_BYTES];
};

/* Device numbers, for mknod: major. */
enum tp_device { TP_DEVICE_CONSOLE = 1, TP_DEVICE_SOUND = 2, TP_DEVICE_NULL = 3, TP_DEVICE_ZERO = 4 };

/* What CONTROL does with a descriptor of a device: answers its enum tp_device; others answer ENOTTY. */
enum tp_control { TP_CONTROL_DEVICE };

enum tp_seek { TP_SEEK_SET, TP_SEEK_CURRENT, TP_SEEK_END };

/* --- Terminal ---------------------------------------------------------------------------------- */

/* How TERMINAL_MODE has what is typed treated. */
#define TP_TERMINAL_LINES 1u /* whole lines, which can be edited until they are complete */
#define TP_TERMINAL_ECHO  2u

/* --- Processes --------------------------------------------------------------------------------- */

/* Status of a child as wait() gives it: POSIX's macros read it, of a code its low 8 bits. */
#define TP_STATUS_EXIT(code)     ((uint32_t)(code) << 8)
#define TP_STATUS_SIGNAL(signal) ((uint32_t)(signal)&0x7fu)

enum tp_signal { TP_SIGHUP = 1, TP_SIGINT = 2, TP_SIGILL = 4, TP_SIGTRAP = 5, TP_SIGABRT = 6, TP_SIGBUS = 7,
    TP_SIGKILL = 9, TP_SIGSEGV = 11, TP_SIGPIPE = 13, TP_SIGALRM = 14, TP_SIGTERM = 15, TP_SIGCHLD = 17 };

#define TP_WAIT_NOHANG 1u

enum tp_run_state { TP_RUN_FREE, TP_RUN_READY, TP_RUN_RUNNING, TP_RUN_WAITING, TP_RUN_STOPPED, TP_RUN_DEAD };

/* One process, as PROCESS_LIST and SYSTEM's INSPECT give it. */
struct tp_process_info {
    uint32_t endpoint;
    int32_t pid, parent, group;
    uint32_t state;      /* enum tp_run_state */
    uint32_t ring;       /* 1 to 3 */
    uint32_t waits_for;  /* endpoint, if state is WAITING and there is one */
    uint32_t waits_in;   /* the call it waits in */
    uint32_t cpu;        /* where it runs or ran last */
    uint32_t pages;      /* of memory */
    uint32_t calls;      /* made so far */
    uint32_t switches;   /* times it got a CPU */
    char name[16];
};

/* What SYSTEM's STATISTICS gives: leak checks compare them, `calls` prints them. */
struct tp_statistics {
    uint32_t pages_total, pages_free;
    uint32_t processes;
    uint32_t requests;   /* calls waiting for an answer */
    uint32_t grants;
    uint32_t switches, interrupts, messages, traps;
    uint32_t copied_bytes;
    uint32_t reserved[6];
};

/* What a call has cost since the counting began. */
struct tp_call_cost {
    uint32_t count;
    uint32_t insns; /* of the kernel, from entry to return or to the switch to another process */
};

/* Placement of a service. */
enum tp_placement { TP_PLACE_KERNEL, TP_PLACE_SERVER };

/* How crash() makes a service fail: it touches address 0; says that it cannot go on; works for ever; goes on but
 * answers neither that request nor any later one. */
enum tp_crash { TP_CRASH_FAULT = 1, TP_CRASH_EXIT, TP_CRASH_LOOP, TP_CRASH_MUTE };

/* What a server hears of next, SERVE's answer in a0. The words that belong to it are in a1 to a7, t0, t1. */
enum tp_event {
    TP_EVENT_REQUEST = 1, /* a1 handle, a2 caller, a3 call, a4 to a7, t0 and t1 its arguments */
    TP_EVENT_CANCEL,      /* a1 handle */
    TP_EVENT_ANSWERED,    /* a1 tag, a2 result */
    TP_EVENT_INTERRUPT,   /* a1 source */
    TP_EVENT_ALARM,
    TP_EVENT_CRASH        /* a1 enum tp_crash: the request after this event is the one to fail at */
};

/* Calls that can wait for answers at the same time, one of each process included. A handle's index is below it. */
#define TP_REQUESTS             512
#define TP_HANDLE_INDEX(handle) ((handle)&0x1ffu)

/* A service that has not answered a PROMPT call or a PROBE, or not listened, for so many ticks counts as silent. */
#define TP_SILENCE 20000000u

/* --- Power ------------------------------------------------------------------------------------- */

/* POWER_OFF: in place of a status, to start the machine anew (the system device's bit). */
#define TP_POWER_RESET 0x100u

/* --- Errors ------------------------------------------------------------------------------------ */

/* TP_ENOENT and so on. Calls answer with the negative. */
enum tp_error {
#define TP_ERROR(ID, number, meaning) TP_##ID = (number),
#include "turnpike/errors.def"
};

#endif
