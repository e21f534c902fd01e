/*
 * The line that is being typed, and what was typed ahead of its readers. In mode LINES a line can
 * be edited until it is complete, with backspace or delete (a character), control-W (a word) and
 * control-U (all of it); newline or control-D completes it. Without it each character is complete
 * at once. Control-C is obeyed in every mode.
 *
 * When the ring is full characters are dropped, and the bell says so; the last entry is kept for
 * the end of a line, so that a line that is too long can still be completed, and read.
 */
#include "terminal.h"

#define CONTROL(letter) ((letter)&0x1f)
#define DELETE          '\177'
#define TAB             8u

static bool is_control_character(uint32_t entry)
{
    return entry < ' ' || entry == DELETE;
}

static void echo(const struct terminal_input *input, struct terminal_output *output, char character)
{
    char text[2] = {'^', (char)(character ^ 0x40)};

    if (!(input->mode & TP_TERMINAL_ECHO))
        return;
    if (is_control_character((uint8_t)character) && character != '\n' && character != '\t')
        terminal_output_write(output, text, 2);
    else
        terminal_output_write(output, &character, 1);
}

static uint16_t *entry_at(struct terminal_input *input, uint32_t index)
{
    return &input->entries[index % TERMINAL_INPUT];
}

/* Appends an entry, for which the ring must leave so many places free. */
static bool append(struct terminal_input *input, struct terminal_output *output, uint16_t entry,
                   uint32_t kept_free)
{
    if (input->end - input->taken + kept_free >= TERMINAL_INPUT) {
        terminal_output_write(output, "\a", 1);
        return false;
    }
    if (input->end == input->complete)
        input->line_column = output->cursor % TERMINAL_COLUMNS;
    *entry_at(input, input->end++) = entry;
    return true;
}

/* The column of the cursor behind all entries of the line before end. */
static uint32_t column_at(struct terminal_input *input, uint32_t end)
{
    uint32_t column = input->line_column;

    for (uint32_t i = input->complete; i != end; i++) {
        uint32_t entry = *entry_at(input, i);

        if (entry == '\t')
            column += TAB - column % TAB;
        else
            column += is_control_character(entry) ? 2 : 1;
    }
    return column;
}

static void erase_last(struct terminal_input *input, struct terminal_output *output)
{
    uint32_t column = column_at(input, input->end);

    input->end--;
    if (!(input->mode & TP_TERMINAL_ECHO))
        return;
    for (uint32_t to = column_at(input, input->end); column > to; column--)
        terminal_output_write(output, "\b \b", 3);
}

static bool ends_with_space(struct terminal_input *input)
{
    uint16_t last = *entry_at(input, input->end - 1);

    return last == ' ' || last == '\t';
}

static void erase_word(struct terminal_input *input, struct terminal_output *output)
{
    while (input->end != input->complete && ends_with_space(input))
        erase_last(input, output);
    while (input->end != input->complete && !ends_with_space(input))
        erase_last(input, output);
}

static void edit(struct terminal_input *input, struct terminal_output *output, char character)
{
    switch (character) {
    case '\b':
    case DELETE:
        if (input->end != input->complete)
            erase_last(input, output);
        break;
    case CONTROL('U'):
        while (input->end != input->complete)
            erase_last(input, output);
        break;
    case CONTROL('W'):
        erase_word(input, output);
        break;
    case CONTROL('D'):
        if (append(input, output, TERMINAL_END, 0))
            input->complete = input->end;
        break;
    case '\n':
        if (append(input, output, '\n', 0)) {
            input->complete = input->end;
            echo(input, output, '\n');
        }
        break;
    default:
        if (append(input, output, (uint8_t)character, 1))
            echo(input, output, character);
        break;
    }
}

bool terminal_type(struct terminal_input *input, struct terminal_output *output, char character)
{
    if (character == CONTROL('C')) {
        echo(input, output, character);
        echo(input, output, '\n');
        input->taken = input->complete = input->end;
        /* The program that is to end cannot set it back any more. */
        input->mode = TP_TERMINAL_LINES | TP_TERMINAL_ECHO;
        return true;
    }
    if (character == '\r') /* the enter key of most that may be at the other end of a serial line */
        character = '\n';
    if (input->mode & TP_TERMINAL_LINES) {
        edit(input, output, character);
    } else if (append(input, output, (uint8_t)character, 1)) {
        input->complete = input->end;
        echo(input, output, character);
    }
    return false;
}

bool terminal_is_sound(const struct terminal_input *input)
{
    uint32_t complete = input->complete - input->taken, all = input->end - input->taken;

    return complete <= all && all <= TERMINAL_INPUT && input->line_column < TERMINAL_COLUMNS &&
           !(input->mode & ~(uint32_t)(TP_TERMINAL_LINES | TP_TERMINAL_ECHO));
}

void terminal_set_mode(struct terminal_input *input, uint32_t mode)
{
    input->mode = mode;
    if (!(mode & TP_TERMINAL_LINES))
        input->complete = input->end;
}

int32_t terminal_peek(const struct terminal_input *input, char *to, uint32_t bytes,
                      uint32_t *ret_taken)
{
    uint32_t index = input->taken, count = 0;
    bool is_line_end = false;

    if (index == input->complete)
        return -1;
    while (index != input->complete && count < bytes && !is_line_end) {
        uint16_t entry = input->entries[index % TERMINAL_INPUT];

        if (entry == TERMINAL_END)
            break;
        to[count++] = (char)entry;
        index++;
        is_line_end = entry == '\n' && (input->mode & TP_TERMINAL_LINES) != 0;
    }
    /* control-D after text ends this read and is not an end of its own for the next one */
    if (!is_line_end && index != input->complete &&
        input->entries[index % TERMINAL_INPUT] == TERMINAL_END)
        index++;
    *ret_taken = index;
    return (int32_t)count;
}
