/*
 * The process service's own: what it knows of each process, and what its files do for each other.
 *
 * A process is a slot of the kernel's with an endpoint; a member is what that process is to people:
 * a pid, a parent, children, a group, a name, a status when it has ended. Calls that take several
 * steps (fork, exec, the end of a process) are jobs that a few tasks do one after the other.
 */
#ifndef PROCESS_H
#define PROCESS_H

#include "task.h"
#include "turnpike/service.h"

#define INIT_PATH "/bin/init"
#define INIT_PID  1

enum stage {
    STAGE_NONE, /* no process has this slot */
    STAGE_MADE, /* fork or the start of init has not finished; if it is killed, it ends then */
    STAGE_LIVES,
    STAGE_ENDING, /* stopped: it never runs again. Its calls are answered, then its job frees all */
    STAGE_ZOMBIE, /* nothing is left but the status, for its parent */
};

enum job {
    JOB_NONE,
    JOB_FORK,
    JOB_EXEC,
    JOB_END,
    JOB_POWER_OFF,
};

/* What the kernel says of a process that cannot go on: FAULTED. */
struct fault {
    uint32_t vector, error, pc, address;
    int32_t lack; /* error of the memory service, or 0 */
};

struct member {
    uint32_t endpoint;
    int32_t pid, group;
    enum stage stage;
    uint32_t status; /* TP_STATUS_... that it ends with */
    bool is_doomed;  /* killed while STAGE_MADE */

    struct member *parent, *first_child;
    struct member *next_sibling, **sibling_link; /* the link that leads here */

    /* At most one of these two at a time, as a process makes one of these calls at a time. */
    struct request *waits; /* its WAIT, until a child has ended */
    enum job job;
    struct request *request; /* of the job; NULL: it has none */
    struct member *next_job;

    bool has_faulted;
    struct fault fault;
};

/* --- process_family.c: members, who belongs to whom, how they end -------------------------- */

extern struct family {
    struct member members[TP_PROCESSES]; /* by slot */
    uint32_t end;                        /* no slot from here on was ever used */
    struct member *init;
    int32_t last_pid;
    bool has_used_all; /* numbers are used again: each may be taken */
} family;

/* Makes init, which has no parent. */
struct member *family_start(void);

/* The member with that endpoint, or NULL. */
struct member *family_find(uint32_t endpoint);

/* A new process with the parent's registers, stopped, as the parent's child; or why not. */
int32_t family_add(struct member *parent, struct member **ret_child);

/* What was made is complete: it runs, or ends if it was killed meanwhile. */
void family_run(struct member *member);

/* Nobody knows of the process any more. */
void family_remove(struct member *member);

/* The process never runs again; when its calls are answered, JOB_END does the rest. */
void family_end(struct member *member, uint32_t status);
void family_gone(struct member *member);

/* Last of JOB_END: children go to init, the parent is told. */
void family_bury(struct member *member);

/* Calls. family_wait answers by itself, now or later. */
void family_wait(struct member *parent, struct request *request);
int32_t family_kill(struct member *caller, int32_t pid, uint32_t signal);
int32_t family_set_group(struct member *caller, int32_t pid, int32_t group);
int32_t family_get_group(struct member *caller, int32_t pid);
int32_t family_list(struct request *request);

/* --- process.c: jobs ------------------------------------------------------------------------- */

void process_queue_job(struct member *member, enum job job, struct request *request);

/* In a job: asks another service. */
int32_t process_ask(enum tp_call call, tp_word a0, tp_word a1, tp_word a2, tp_word a3);
int32_t process_kernel(enum tp_call call, tp_word a0, tp_word a1, tp_word a2, tp_word a3);

/* --- process_exec.c: programs ---------------------------------------------------------------- */

/* What an exec needs room for; each task has one. */
struct exec_room {
    char path[TP_PATH_BYTES];
    char arguments[TP_ARGUMENT_BYTES];
    uint32_t argument_bytes, argument_count;
    _Alignas(8) unsigned char buffer[TP_PAGE];
};

/* Replaces the member's program by that at room->path with room's arguments. If it fails the old
 * one is unharmed. In a job. */
int32_t exec_program(struct member *member, struct exec_room *room);

/* Path and arguments of an EXEC into room. */
int32_t exec_copy_arguments(struct request *request, struct exec_room *room);

/* --- process_elf.c: what a program file says ------------------------------------------------- */

#define ELF_PARTS 8 /* most of a program */

struct elf_part {
    uint32_t offset, file_bytes; /* in the file */
    uint32_t address, bytes;     /* in memory; beyond file_bytes zeros */
    uint32_t how;                /* TP_MAP_... */
};

struct elf_program {
    uint32_t entry;
    uint32_t part_count;
    struct elf_part parts[ELF_PARTS]; /* by address, none with a page of another */
};

/* As far as the headers may reach into a file. */
#define ELF_HEAD_BYTES 512

/* Reads the headers from the first bytes of a file. 0, or -TP_ENOEXEC; *ret_program is valid with
 * 0. */
int32_t elf_read(const unsigned char *file, uint32_t bytes, struct elf_program *ret_program);

/* --- process_report.c: what a person is told ------------------------------------------------- */

#define REPORT_LINE_BYTES 192

/* What happened to a member that has faulted, one line; its length. */
uint32_t report_fault(const struct member *member, const char *name, char text[REPORT_LINE_BYTES]);

/* The signal that it ends with. */
uint32_t report_signal(const struct fault *fault);

/* The end of the system. */
_Noreturn void report_no_init(int32_t error);
_Noreturn void report_init_ended(uint32_t status);

#endif
