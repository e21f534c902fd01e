/*
 * What the system inside the machine says of itself: its processes, who waits for whom, services, messages, queues,
 * open files. Any kernel can say it, by exporting one constant at the symbol `tollgate_guest_table`
 * (docs/guest-table.md); what is here knows nothing of Turnpike but the names of lists and fields that the manual
 * reserves.
 *
 * Everything is read from the machine at the moment of asking: nothing is kept of the guest's state, so answers are
 * right after any step, forwards or backwards. The table comes from the guest and may be wrong in any way: every number
 * in it is checked, every walk is bounded, and what cannot be read is absent. Nothing is printed and the machine is not
 * changed.
 */
#ifndef TG_GUEST_H
#define TG_GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tollgate.h"

struct tg_guest;

/* --- Opening ---------------------------------------------------------------------------------- */

/* Whoever knows the files of programs with their symbols. */
struct tg_guest_programs {
    void *context;
    /* The address of a symbol in the file of the program that is the server of the service of that name; false if
     * there is none. NULL: of the kernel, asked when the machine's image has no symbols. Asked often: to be quick. */
    bool (*find_symbol)(void *context, const char *service, const char *symbol, uint32_t *ret_address);
};

/* Reads the table of machine's image, which may not have run yet. The result is the caller's, to be closed before the
 * machine is destroyed; it is to be opened anew when another image is loaded, and needs nothing else while the machine
 * runs, is reset or travels in time. programs is copied, and may be NULL: then the kernel's symbols are the machine's
 * own, and of services that are processes only what the kernel knows is to be seen. Errors: TG_E_ADDRESS (the image
 * exports no table), TG_E_FORMAT (the table is wrong; error says where), TG_E_NOMEM. */
int tg_guest_open(const struct tg_machine *machine, const struct tg_guest_programs *programs,
                  struct tg_guest **ret_guest, struct tg_error *error);
void tg_guest_close(struct tg_guest *guest);

/* The system's own name for itself. All texts live as long as the guest. */
const char *tg_guest_name(const struct tg_guest *guest);

/* --- Calls by number and name ----------------------------------------------------------------- */

/* How a program calls the kernel: `trap vector` with the call's number in a register x[number_register] and arguments
 * in a0 and the following. False if the table does not say. */
struct tg_guest_convention {
    uint32_t vector, number_register;
};
bool tg_guest_convention(const struct tg_guest *guest, struct tg_guest_convention *ret_convention);

/* NULL: there is no such call. -1: no call has that name (length bytes, no terminator needed). */
const char *tg_guest_call_name(const struct tg_guest *guest, uint32_t number);
int32_t tg_guest_call_number(const struct tg_guest *guest, const char *name, size_t length);
/* One past the highest number. */
uint32_t tg_guest_call_count(const struct tg_guest *guest);

/* The name of a message's type; that of the call where messages to services are calls. NULL: it has none. */
const char *tg_guest_message_name(const struct tg_guest *guest, uint32_t type);

/* A call at the entry that makes it. Numbers of processes are those of their rows. */
#define TG_GUEST_NOBODY UINT32_MAX

struct tg_guest_call {
    uint32_t number;
    const char *name;      /* NULL: there is no such call */
    uint32_t arguments[6]; /* a0 to a5 */
    uint32_t process;      /* that makes it; TG_GUEST_NOBODY: not known */
    bool is_message;       /* it exchanges a message, or is carried to a server by one */
    bool receives;         /* it waits for a message: to is whom it wants one from */
    uint32_t to;           /* TG_GUEST_NOBODY: anybody, nobody, or not known */
};

/* After the entry of the event (struct tg_observer), with the registers still as the caller had them. False: it is no
 * call. */
bool tg_guest_call_at(const struct tg_guest *guest, const struct tg_entry_event *event, struct tg_guest_call *ret_call);

/* The number of the process that a CPU works for (tg_guest_current), or TG_GUEST_NOBODY. */
uint32_t tg_guest_current_number(const struct tg_guest *guest, uint32_t cpu);

/* --- Lists: all that the table has, for a front end that shows what it does not know ---------- */

enum tg_guest_kind {                  /* of a field; numbers: isa/guest_table.h */
                     TG_GUEST_NUMBER, /* shown in decimal */
                     TG_GUEST_SIGNED,
                     TG_GUEST_HEX,
                     TG_GUEST_ADDRESS,   /* of the list's own address space: code or data, may have a symbol */
                     TG_GUEST_FLAG,      /* 0 or not; names for both, or none */
                     TG_GUEST_ENUM,      /* a name for each number */
                     TG_GUEST_BITS,      /* a name for each bit */
                     TG_GUEST_TEXT,      /* bytes up to a zero */
                     TG_GUEST_REFERENCE, /* a row of another list, or of the same */
                     TG_GUEST_KINDS
};

struct tg_guest_field {
    const char *name;
    enum tg_guest_kind kind;
    uint32_t bytes;   /* 1, 2 or 4; of a text as many as it may have */
    const char *list; /* REFERENCE: the list's name */
};

struct tg_guest_list {
    const char *name, *meaning; /* meaning: "" if there is none */
    const struct tg_guest_field *fields;
    uint32_t field_count;
};

size_t tg_guest_list_count(const struct tg_guest *guest);
const struct tg_guest_list *tg_guest_list(const struct tg_guest *guest, size_t index);

/* By name; NULL if there is none. The index of a field, -1 if there is none. */
const struct tg_guest_list *tg_guest_find_list(const struct tg_guest *guest, const char *name);
int tg_guest_find_field(const struct tg_guest_list *list, const char *name);

/* A row that is in use. */
struct tg_guest_row {
    const struct tg_guest_list *list;
    uint32_t number;  /* its place in the list; of a list in a list's rows counted through */
    uint32_t address; /* where it is, in its address space; 0: in none (control registers) */
    uint32_t outer;   /* of a row in a list in a row: address and number of that one, else the same as its own */
    uint32_t outer_number;
    uint32_t root; /* control register ptroot of the process whose memory it is in; 0: the kernel's */
    struct {
        bool has_begun;
        uint32_t next, link, base, count;
    } cursor; /* tg_guest_next_row's own */
};

/* Goes through the rows that are in use: begin with *row all zeros but list. False: there are no more. No list has more
 * than TG_GUEST_MOST_ROWS. */
#define TG_GUEST_MOST_ROWS 16384u
bool tg_guest_next_row(const struct tg_guest *guest, struct tg_guest_row *row);

/* Longest text of a value or name, with its terminator. */
#define TG_GUEST_TEXT_BYTES 64

struct tg_guest_value {
    enum tg_guest_kind kind;
    uint32_t number;                /* signed and flags too (a flag: 0 or 1); of a reference what is there */
    char text[TG_GUEST_TEXT_BYTES]; /* as a person reads it, printable characters only: "waiting", "-1", "0x00010000",
                                       "cat (5)" */
    bool has_row;                   /* REFERENCE: the row is there, */
    struct tg_guest_row row;        /* this one */
};

/* False: the row has no such value now (the table says so), or it cannot be read. field: index in row->list->fields. */
bool tg_guest_value(const struct tg_guest *guest, const struct tg_guest_row *row, int field,
                    struct tg_guest_value *ret_value);

/* --- Processes -------------------------------------------------------------------------------- */

enum tg_guest_state { /* by the names of the processes' states in the table; OTHER: another name */
                      TG_GUEST_STATE_OTHER,
                      TG_GUEST_READY,
                      TG_GUEST_RUNNING,
                      TG_GUEST_WAITING,
                      TG_GUEST_STOPPED,
                      TG_GUEST_DEAD
};

struct tg_guest_process {
    struct tg_guest_row row;
    uint32_t key;                   /* what the kernel calls it by: endpoint, slot, pid; the list's key field */
    int32_t pid;                    /* -1: it has none */
    char name[TG_GUEST_TEXT_BYTES]; /* of its program, by which its file with symbols is found; "?" if unknown */
    bool is_service;                /* it stands for a service, in the kernel too */
    bool is_in_kernel;              /* the service is in the kernel: it has no memory and never runs */
    enum tg_guest_state state;
    char state_name[TG_GUEST_TEXT_BYTES];
    int32_t ring, priority, cpu; /* -1: not said */
    uint32_t ptroot, asid;       /* 0: no memory of its own */
    uint32_t calls, switches;    /* made; times it got a CPU; 0 if not said */
    uint32_t frame;   /* kernel address of the frame that the CPU pushed when it last entered the kernel; 0: not said */
    int32_t waits_in; /* the call, while it waits; -1: none, or not said */
    const char *waits_in_name; /* NULL: no name */
    uint32_t parent;           /* its row's number; TG_GUEST_NOBODY: not said. Only by tg_guest_processes */
};

/* Fills rows with up to most processes that are in use; how many there are. */
size_t tg_guest_processes(const struct tg_guest *guest, struct tg_guest_process *rows, size_t most);

/* The process of a row, of a key, with a pid, or (the first) of that name. */
bool tg_guest_process_at(const struct tg_guest *guest, const struct tg_guest_row *row,
                         struct tg_guest_process *ret_process);
bool tg_guest_process_by_key(const struct tg_guest *guest, uint32_t key, struct tg_guest_process *ret_process);
bool tg_guest_process_by_pid(const struct tg_guest *guest, int32_t pid, struct tg_guest_process *ret_process);
bool tg_guest_process_by_name(const struct tg_guest *guest, const char *name, struct tg_guest_process *ret_process);

/* The process that a CPU runs, or that entered the kernel on it. By what the kernel says, else by ptroot. False: none
 * (an idle CPU, the start), or not known. Cheap: a few reads. */
bool tg_guest_current(const struct tg_guest *guest, uint32_t cpu, struct tg_guest_process *ret_process);

/* "cat (pid 5)", "fs (a server, ring 2)", "fs (in the kernel)". */
void tg_guest_process_words(const struct tg_guest_process *process, char buf[TG_GUEST_TEXT_BYTES * 2]);

/* Memory as a process sees it, whatever ring and permission; ptroot: struct tg_guest_process's, or a CPU's. Paging off
 * in it: physical. False, and nothing read, if a byte of it is not there. Needs no table. */
bool tg_guest_read(const struct tg_machine *machine, uint32_t ptroot, uint32_t vaddr, void *bytes, size_t count);

/* --- Who waits for whom ----------------------------------------------------------------------- */

enum tg_guest_wait_kind {
    TG_GUEST_WAIT_REQUEST, /* a call that a service has not answered */
    TG_GUEST_WAIT_MESSAGE, /* a message: to be received, sent or answered by another process */
    TG_GUEST_WAIT_PIPE, /* a pipe that the other can fill, empty or close; that a service has the request is said too */
    TG_GUEST_WAIT_CHILD, /* the end of a child; likewise */
    TG_GUEST_WAIT_OTHER  /* field waits_for */
};

struct tg_guest_wait {
    enum tg_guest_wait_kind kind;
    struct tg_guest_row from, to;    /* rows of processes */
    int32_t call;                    /* number; -1: not said */
    char state[TG_GUEST_TEXT_BYTES]; /* of the request or rendezvous: "heard", "sending"; "" if not said */
    bool is_blocked; /* from does not run until this is over. Not so: a service that asked another one, a queue's entry
                      */
    uint32_t order;  /* requests: the smaller the older; 0 if not said */
};

/* Fills rows with up to most waits; how many there are. Those for pipes and children are told while the service that has the
 * request is at rest: in the middle of its work its lists say what is about to change. */
size_t tg_guest_waits(const struct tg_guest *guest, struct tg_guest_wait *rows, size_t most);

/* A cycle of processes each of which cannot go on until the next one does: the first found, in the order of waiting.
 * How many; 0: there is no deadlock. */
#define TG_GUEST_MOST_CYCLE 64
size_t tg_guest_deadlock(const struct tg_guest *guest, struct tg_guest_process cycle[TG_GUEST_MOST_CYCLE]);

/* The cycle that the kernel refused to close when this process asked last; 0: none. */
size_t tg_guest_refused(const struct tg_guest *guest, const struct tg_guest_process *process,
                        struct tg_guest_process cycle[TG_GUEST_MOST_CYCLE]);

/* --- Services, requests, queues, files -------------------------------------------------------- */

struct tg_guest_service {
    struct tg_guest_row row;
    const char *name;
    bool is_server; /* a process of its own; else in the kernel */
    bool has_process;
    struct tg_guest_process process; /* also of one in the kernel, if the kernel has such a stand-in */
    uint32_t sources;                /* bit n: interrupt source n is its device's */
    bool is_listening;               /* a server that waits for something to do */
    char state[TG_GUEST_TEXT_BYTES]; /* "down", "gone", ...; "" when all is well */
};
size_t tg_guest_services(const struct tg_guest *guest, struct tg_guest_service *rows, size_t most);

struct tg_guest_request { /* a call that waits for its answer */
    struct tg_guest_row row;
    uint32_t caller; /* key of the process that asks, and whether there is one */
    bool has_process;
    struct tg_guest_process process;
    int32_t call;
    const char *call_name; /* NULL: none */
    const char *service;   /* that serves it; NULL: not said */
    uint32_t arguments[6], argument_count;
    char state[TG_GUEST_TEXT_BYTES];  /* "waiting", "heard", ... */
    char answer[TG_GUEST_TEXT_BYTES]; /* where the answer goes: "trap", "message", "queue", "service"; "" if not said */
    uint32_t order;
};
size_t tg_guest_requests(const struct tg_guest *guest, struct tg_guest_request *rows, size_t most);

struct tg_guest_queue { /* of a process: calls that it wrote into memory, and their answers */
    struct tg_guest_row row;
    struct tg_guest_process process;
    uint32_t submissions, submission_capacity; /* put in, not taken yet */
    uint32_t completions, completion_capacity; /* answers not collected yet */
    uint32_t in_flight;                        /* taken, not answered yet */
    uint32_t drained, answered;                /* since the start: taken, answered; modulo 2^32 */
};
size_t tg_guest_queues(const struct tg_guest *guest, struct tg_guest_queue *rows, size_t most);

struct tg_guest_file { /* an open descriptor */
    struct tg_guest_row row;
    struct tg_guest_process process;
    uint32_t descriptor;
    char kind[TG_GUEST_TEXT_BYTES]; /* "file", "pipe reader", ... */
    char what[TG_GUEST_TEXT_BYTES]; /* "inode 12, offset 4096", "pipe 0", "console" */
    bool can_read, can_write;
    bool is_pipe;
    uint32_t pipe; /* number of the pipe */
};
/* Of all processes, or of one (not NULL). */
size_t tg_guest_files(const struct tg_guest *guest, const struct tg_guest_process *of, struct tg_guest_file *rows,
                      size_t most);

#endif
