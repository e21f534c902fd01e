/*
 * The world of the process service (guestos/services/process*.c) in tests: the kernel, the memory
 * service and the file service are played here. They keep the books of what a process has, insist
 * on the order in which it is given and taken, and answer at once or, where a test wants it, late.
 */
#ifndef TESTS_GUESTOS_FAMILY_WORLD_H
#define TESTS_GUESTOS_FAMILY_WORLD_H

#include "host.h"

#define GUESTS (TP_PROCESSES - TP_FIRST_PROCESS_SLOT)
#define LATE   64

/* A process as the kernel and the other services know it. */
struct guest {
    uint32_t endpoint; /* 0: no process */
    uint32_t generation;
    int32_t pid;
    bool runs, is_stopped, must_cancel, is_gone;
    bool has_memory, has_new_memory, has_files;
    uint32_t pc, sp;
    char name[16];
    unsigned char stack[8192]; /* what is written below TP_STACK_TOP */
    struct host_call *call;    /* that it waits in */
    uint32_t status;           /* where WAIT puts it */
};

struct family_world {
    struct guest guests[GUESTS];
    unsigned slots;                    /* that the kernel has */
    int32_t memory_error, files_error; /* of the next MEMORY_FORK, MEMORY_MAP; FILE_FORK */
    unsigned open_files;
    uint32_t offset[8]; /* of descriptors; UINT32_MAX: closed */
    const unsigned char *program;
    uint32_t program_bytes;
    char terminal[400];
    int32_t power; /* status, or -1 */
    bool is_late;  /* other services answer when the test says so */
    struct request *late[LATE];
    unsigned late_count;
};

extern struct family_world fake;

/* A program file, and one that is right. */
struct image {
    unsigned char ident[16];
    uint16_t type, machine;
    uint32_t version, entry, segments_offset, sections_offset, flags;
    uint16_t header_bytes, segment_bytes, segment_count, section_bytes, section_count, names;
    struct {
        uint32_t type, offset, address, physical, file_bytes, bytes, flags, align;
    } segments[2];
    unsigned char code[8000], variables[100];
};

const struct image *good_image(void);

/* What /bin/init and "prog" are; the bytes must last. */
void set_program(const void *bytes, size_t size);

/* The machine as it is when init runs. */
struct guest *boot(void);

struct guest *guest_of(tp_word endpoint);
struct guest *guest_with(int32_t pid);

/* One of the calls of the service that wait is answered; all are, and later ones at once. */
void answer_late(unsigned index);
void answer_all(void);

/* Delivers one event, and does what the kernel does by itself; false: nothing happened. Or all. */
bool step(void);
void settle(void);

/* A process begins a call; its answer, after which it goes on; both. */
void begin_call(struct guest *guest, enum tp_call call, const tp_word args[TP_ARGUMENTS]);
int32_t end_call(struct guest *guest);
int32_t make_call(struct guest *guest, enum tp_call call, const tp_word args[TP_ARGUMENTS]);

#define BEGIN(guest, CALL, ...)                                                                    \
    begin_call(guest, TP_CALL_##CALL, (const tp_word[TP_ARGUMENTS]){__VA_ARGS__})

#define CALL(guest, CALL, ...)                                                                     \
    make_call(guest, TP_CALL_##CALL, (const tp_word[TP_ARGUMENTS]){__VA_ARGS__})

#define ANY ((tp_word)-1)

int32_t wait_for(struct guest *guest, tp_word pid, tp_word options);
struct guest *fork_of(struct guest *parent);
void end(struct guest *guest, tp_word code);

/* Nothing is left but init. */
void check_only_init(void);

/* What lies on a process's stack. */
uint32_t stack_word(const struct guest *guest, uint32_t address);
const char *stack_text(const struct guest *guest, uint32_t address);

/* The next number below a limit. */
uint32_t draw(uint32_t *random, uint32_t below);

#endif
