/*
 * The parts of the terminal service: what was typed (terminal_keys.c: scan codes to characters),
 * the line that is being typed and what waits to be read (terminal_line.c), what is to be seen
 * (terminal_output.c), and the service itself (terminal.c). All state is in one struct terminal, and
 * what it points to.
 */
#ifndef TERMINAL_H
#define TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "turnpike/service.h"

/* --- Keyboard --------------------------------------------------------------------------------- */

/* Which of the keys are down that change what others type. */
struct terminal_keys {
    bool is_left_shift, is_right_shift, is_control;
    bool is_caps_lock; /* on, whether or not the key is down */
};

/* Takes a scan code (docs/devices.md section 7); the character that it types, or -1. */
int terminal_key(struct terminal_keys *keys, uint8_t code);

/* --- Output ----------------------------------------------------------------------------------- */

#define TERMINAL_COLUMNS 80u
#define TERMINAL_CELLS   2000u

/* The serial line has no state here; of the display this is a copy of its own. */
struct terminal_output {
    uint16_t *cells; /* the display's window, TERMINAL_CELLS cells */
    uint32_t cursor; /* the cell where the next character goes */
};

/* Begins where the display's cursor is: a successor goes on where its predecessor was. */
void terminal_output_start(struct terminal_output *output, uint16_t *cells);

/* Sends characters to the serial line and draws them on the display. */
void terminal_output_write(struct terminal_output *output, const char *text, uint32_t bytes);

/* --- Input ------------------------------------------------------------------------------------ */

#define TERMINAL_INPUT 1024u /* entries, a power of two */

/* What was typed and not yet read: a ring whose indices only grow, taken <= complete <= end. The
 * entries before complete can be read; those from there on are the line that is being edited. */
struct terminal_input {
    uint16_t entries[TERMINAL_INPUT]; /* characters, or TERMINAL_END */
    uint32_t taken, complete, end;
    uint32_t line_column; /* of the display, where the edited line begins */
    uint32_t mode;        /* TP_TERMINAL_... */
};

#define TERMINAL_END 0x100u /* control-D: the reader finds the end of the input here */

/* Takes a character that was typed, and echoes it. True: it was control-C, and nothing typed
 * before it is left. */
bool terminal_type(struct terminal_input *input, struct terminal_output *output, char character);

/* Whether it can have come about by typing and reading. */
bool terminal_is_sound(const struct terminal_input *input);

/* Changes the mode; what is typed ahead stays. */
void terminal_set_mode(struct terminal_input *input, uint32_t mode);

/* Copies what a read of at most so many bytes may have now: in mode LINES never past the end of a
 * line. *ret_taken: the index to which the input is then taken, for terminal_taken. Bytes, or -1 if
 * there is nothing to read. */
int32_t terminal_peek(const struct terminal_input *input, char *to, uint32_t bytes,
                      uint32_t *ret_taken);

#endif
