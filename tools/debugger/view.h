/*
 * What is looked at: a CPU, or a process that no CPU works for, and a frame of its stack. Everything that shows
 * registers, memory and variables asks here. What is found out is kept until the machine moves.
 */
#ifndef DEBUGGER_VIEW_H
#define DEBUGGER_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "debug/expression.h"
#include "debug/guest.h"
#include "debug/unwind.h"

struct debugger;

struct view {
    uint32_t cpu;
    bool has_process; /* a process that no CPU works for is looked at */
    struct tg_guest_process process;
    bool is_made; /* what follows is of now */
    struct tg_machine_source machine_source;
    struct tg_unwind_source source;
    struct tg_frame frame;
    struct tg_frame_scope scope;
    struct tg_program *programs[2]; /* whose memory is there: the image, and the process's program */
    size_t program_count;
};

/* To be called whenever the machine has moved or was changed: the innermost frame is looked at again; with cpu's. */
void view_forget(struct debugger *d);
void view_moved(struct debugger *d, uint32_t cpu);

const struct tg_unwind_source *view_source(struct debugger *d);
const struct tg_frame *view_frame(struct debugger *d);
const struct tg_scope *view_scope(struct debugger *d);

/* A scope of the innermost frame of a CPU as it is at this moment, also in the middle of a run. */
struct view_moment {
    struct tg_machine_source machine_source;
    struct tg_unwind_source source;
    struct tg_frame frame;
    struct tg_frame_scope scope;
    struct tg_program *programs[2];
};
void view_moment(struct debugger *d, uint32_t cpu, struct view_moment *ret_moment);

/* Goes count frames outwards (or inwards, below 0); false where the stack ends, and then as far as it goes. */
bool view_select_frame(struct debugger *d, unsigned number);

/* Memory at a virtual address as it is looked at. */
bool view_read(struct debugger *d, uint32_t vaddr, void *bytes, size_t count);
/* The ptroot that it is seen through. */
uint32_t view_ptroot(struct debugger *d);

/* "0xc0001000 <k_boot+16>". */
#define VIEW_ADDRESS_BYTES 192
const char *view_address_text(struct debugger *d, uint32_t address, char buf[VIEW_ADDRESS_BYTES]);

/* "sh (pid 3)" of the process that a CPU works for; "" where none is known. */
void view_process_text(struct debugger *d, uint32_t cpu, char *buf, size_t size);

/* The scope of any frame of what is looked at. */
void view_frame_scope(struct debugger *d, const struct tg_frame *frame, struct tg_frame_scope *ret_scope);

/* Evaluates an expression here without a word; false: it cannot be. */
bool view_try(struct debugger *d, const char *text, struct tg_value *ret_value);
/* Evaluates an expression here; false after complaining in the name of command. */
bool view_evaluate(struct debugger *d, const char *command, const char *text, struct tg_value *ret_value);
/* The same, of the first part of text, as far as an expression goes; *text is moved behind it. */
bool view_evaluate_part(struct debugger *d, const char *command, const char **text, struct tg_value *ret_value);
/* The number that a value is, or the address of what it is (array, function, struct). */
bool view_number(struct debugger *d, const char *command, const struct tg_value *value, uint32_t *ret_number);

#endif
