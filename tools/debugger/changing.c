/* See changing.h. */
#include "changing.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "common/files.h"
#include "debugger.h"

void changing_report(struct debugger *d, const struct tg_debug_change *change)
{
    if (!change->is_branch)
        return;
    say(d, "a new branch begins here: what came later, up to insn %" PRIu64 ", is gone", change->dropped.insns);
    if (change->bookmarks_dropped > 0)
        say(d, ", and %zu checkpoint%s with it", change->bookmarks_dropped, change->bookmarks_dropped == 1 ? "" : "s");
    say(d, "\n");
}

/* key "text": typed on the keyboard. A backslash and n is Enter. */
bool changing_key(struct debugger *d, struct args *args)
{
    char text[ARGS_WORD_BYTES];
    size_t length = 0;
    struct tg_debug_change change = {0};
    const char *at = args->at, *end = at + strlen(at);
    if (args_is_empty(args))
        return complain(d, "%s: expected a text, as in %s \"ls\\n\"", args->name, args->name);
    if (at[0] == '"') {
        if (end - at < 2 || end[-1] != '"')
            return complain(d, "%s: the quote does not end: %.40s", args->name, at);
        at++;
        end--;
    }
    for (; at < end && length < sizeof text; at++) {
        char c = *at;
        if (c == '\\' && at + 1 < end) {
            c = *++at;
            c = c == 'n' ? '\n' : c == 't' ? '\t' : c == 'e' ? '\033' : c == 'b' ? '\b' : c;
        }
        text[length++] = c;
    }
    if (length > SETUP_KEYS)
        return complain(d, "%s: the keyboard's queue holds %d characters, this is longer; type it in parts", args->name,
                        SETUP_KEYS);
    if (tg_debug_type(d->core, text, length, &change) != TG_OK)
        return complain(d, "%s: a character of \"%.40s\" is on no key", args->name, args->at);
    changing_report(d, &change);
    view_forget(d);
    return true;
}

bool changing_serial(struct debugger *d, struct args *args)
{
    char text[ARGS_WORD_BYTES];
    struct tg_debug_change change = {0};
    if (!args_word(d, args, text) || !args_end(d, args))
        return complain(d, "%s: expected a text in quotes", args->name);
    for (const char *at = text; *at != '\0'; at++)
        if (tg_debug_input(d->core, (struct tg_input){TG_INPUT_SERIAL, (uint8_t)*at}, &change) == TG_OK)
            changing_report(d, &change);
    view_forget(d);
    return true;
}

/* A source by its number or its device's name. False after complaining. */
static bool read_source(struct debugger *d, struct args *args, uint32_t *ret_number)
{
    char word[ARGS_WORD_BYTES];
    struct tg_source_view source;
    uint64_t number;
    if (!args_word(d, args, word))
        return complain(d, "%s: expected a source (0 to %d) or a device; info irq lists them", args->name,
                        TG_INTERRUPT_SOURCES - 1);
    bool is_number = args_read_number(word, &number);
    for (uint32_t i = 0; tg_machine_source(d->machine, d->view.cpu, i, &source); i++) {
        if (is_number ? number == i : strcmp(source.device, word) == 0) {
            *ret_number = i;
            return true;
        }
    }
    return complain(d, "%s: there is no interrupt source \"%.40s\"; info irq lists them", args->name, word);
}

#define LOWER_LINE    0x80u /* TG_INPUT_LINE */
#define LINE_OF_CPU   0x100u
#define LOCAL_SOURCES 2u /* timer and interrupts: docs/devices.md section 5 */

/* irq SOURCE [off]: pulls an interrupt line, or lets go of it. */
bool changing_irq(struct debugger *d, struct args *args)
{
    char word[ARGS_WORD_BYTES];
    struct tg_debug_change change = {0};
    uint32_t value = 0;
    if (!read_source(d, args, &value))
        return false;
    uint32_t source = value;
    bool is_off = args_word(d, args, word);
    if (is_off && strcmp(word, "off") != 0)
        return complain(d, "%s: expected nothing or off, not \"%.40s\"", args->name, word);
    if (!args_end(d, args))
        return false;
    if (source < LOCAL_SOURCES)
        value += LINE_OF_CPU * d->view.cpu;
    if (tg_debug_input(d->core, (struct tg_input){TG_INPUT_LINE, value | (is_off ? LOWER_LINE : 0)}, &change) != TG_OK)
        return complain(d, "%s: the line cannot be pulled now", args->name);
    changing_report(d, &change);
    view_forget(d);
    say(d, "the line of source %" PRIu32 " is %s: type continue\n", source, is_off ? "let go" : "pulled");
    return true;
}

bool changing_reset(struct debugger *d, struct args *args)
{
    struct tg_debug_change change = {0};
    if (!args_end(d, args))
        return false;
    if (tg_debug_input(d->core, (struct tg_input){TG_INPUT_RESET, 0}, &change) != TG_OK)
        return complain(d, "%s: the reset button cannot be pressed now", args->name);
    changing_report(d, &change);
    view_forget(d);
    say(d, "the reset button is pressed: type continue\n");
    return true;
}

bool changing_snapshot(struct debugger *d, struct args *args)
{
    char path[ARGS_WORD_BYTES];
    void *bytes;
    size_t size;
    if (!args_word(d, args, path))
        return complain(d, "%s: expected the name of a file", args->name);
    if (!args_end(d, args) || !output_may_write(d, args->name))
        return false;
    if (tg_machine_save(d->machine, &bytes, &size) != TG_OK)
        return complain(d, "%s: not enough memory", args->name);
    bool is_written = file_write("snapshot", path, bytes, size);
    free(bytes);
    if (is_written)
        say(d, "snapshot written to %s: tollgate run --load %s goes on from here\n", path, path);
    return is_written;
}
