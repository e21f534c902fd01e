/*
 * Watchpoints and catchpoints: memory, ports, control registers; and events that are no place in a program.
 */
#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "commands.h"
#include "common/options.h"
#include "conditions.h"
#include "debugger.h"
#include "isa/isa.h"
#include "points.h"

/* --- Watchpoints ------------------------------------------------------------------------------------------------------------------ */

/* /r /w /c, or what the command is without one. False after complaining. */
static bool read_acts(struct debugger *d, const struct args *args, uint32_t usual, uint32_t *ret_acts)
{
    *ret_acts = args->format[0] == '\0' ? usual : 0;
    for (const char *letter = args->format; *letter != '\0'; letter++) {
        if (strchr("rwc", *letter) == NULL)
            return complain(d, "%s/%s: expected letters of r (reads), w (writes), c (changes)", args->name, args->format);
        *ret_acts |= *letter == 'r' ? TG_DEBUG_ON_READ : *letter == 'w' ? TG_DEBUG_ON_WRITE : TG_DEBUG_ON_CHANGE;
    }
    return true;
}

/* Whether text goes on with a word, and then moves behind it. */
static bool take_word(const char **text, const char *word)
{
    size_t length = strlen(word);
    if (strncmp(*text, word, length) != 0 || isalnum((unsigned char)(*text)[length]) || (*text)[length] == '_')
        return false;
    *text += length;
    *text += strspn(*text, " \t");
    return true;
}

/* The number that an end of a range is, or the address that phys: stands before. */
static bool read_address(struct debugger *d, const char *command, const struct tg_value *value, uint32_t *ret_address)
{
    if (value->place != TG_PLACE_PHYSICAL)
        return view_number(d, command, value, ret_address);
    *ret_address = value->address;
    return true;
}

/* "[to END]", or "[to +BYTES]", behind a first address or port; without it last stays. */
static bool read_end(struct debugger *d, const char *command, const char **text, struct tg_debug_point *point)
{
    struct tg_value value;
    if (!take_word(text, "to"))
        return true;
    bool is_size = **text == '+';
    *text += is_size;
    if (!view_evaluate_part(d, command, text, &value) || !read_address(d, command, &value, &point->last))
        return false;
    if (is_size)
        point->last += point->first - 1;
    return point->last >= point->first ||
           complain(d, "%s: 0x%" PRIx32 " to 0x%" PRIx32 ": the end comes before the beginning", command, point->first,
                    point->last);
}

static bool watch_port(struct debugger *d, const char *command, const char **text, struct tg_debug_point *point)
{
    struct tg_value value;
    point->kind = TG_DEBUG_POINT_PORT;
    if (!view_evaluate_part(d, command, text, &value) || !view_number(d, command, &value, &point->first))
        return false;
    point->last = point->first;
    if (!read_end(d, command, text, point))
        return false;
    return point->last < TG_PORT_COUNT || complain(d, "%s: ports go from 0 to 0xffff", command);
}

/* What an expression stands for: memory, a control register; a plain number is the address of a word. */
static bool watch_value(struct debugger *d, const char *command, const char **text, struct tg_debug_point *point)
{
    struct tg_value value;
    if (!view_evaluate_part(d, command, text, &value))
        return false;
    uint32_t size = tg_type_size(value.type);
    bool has_end = strncmp(*text, "to", 2) == 0 && !isalnum((unsigned char)(*text)[2]);
    point->is_physical = value.place == TG_PLACE_PHYSICAL;
    if (value.place == TG_PLACE_CREG) {
        point->kind = TG_DEBUG_POINT_CREG;
        point->first = point->last = value.address;
        return true;
    }
    if (value.place == TG_PLACE_REGISTER)
        return complain(d, "%s: registers cannot be watched; \"lastwrite\" finds who wrote one", command);
    if ((value.place == TG_PLACE_MEMORY || value.place == TG_PLACE_PHYSICAL) && !has_end) {
        point->first = value.address;
        point->last = value.address + (size > 0 ? size : 4) - 1;
    } else {
        if (!read_address(d, command, &value, &point->first))
            return false;
        point->last = point->first + 3;
    }
    return read_end(d, command, text, point);
}

static bool watch(struct debugger *d, struct args *args, uint32_t usual)
{
    struct tg_debug_point point;
    struct points_limits limits;
    char text[ARGS_WORD_BYTES];
    const char *at = args->at;
    points_new(&point, TG_DEBUG_POINT_WATCH);
    if (!read_acts(d, args, usual, &point.acts))
        return false;
    if (!(take_word(&at, "port") ? watch_port(d, args->name, &at, &point) : watch_value(d, args->name, &at, &point)) ||
        !conditions_read(d, args->name, at, &limits))
        return false;
    size_t length = (size_t)(at - args->at);
    while (length > 0 && isspace((unsigned char)args->at[length - 1]))
        length--;
    snprintf(text, sizeof text, "%.*s", (int)length, args->at);
    if (!points_add(d, args->name, &point, &limits, text))
        return false;
    say(d, "watchpoint %" PRIu32 ": %s", d->last_point, text);
    if (point.kind == TG_DEBUG_POINT_WATCH)
        say(d, " (%s0x%08" PRIx32 " to 0x%08" PRIx32 ")", point.is_physical ? "physical " : "", point.first, point.last);
    say(d, "\n");
    return true;
}

bool watching_watch(struct debugger *d, struct args *args)
{
    return watch(d, args, TG_DEBUG_ON_CHANGE);
}

bool watching_rwatch(struct debugger *d, struct args *args)
{
    return watch(d, args, TG_DEBUG_ON_READ);
}

bool watching_awatch(struct debugger *d, struct args *args)
{
    return watch(d, args, TG_DEBUG_ON_READ | TG_DEBUG_ON_WRITE);
}

/* --- Catchpoints ------------------------------------------------------------------------------------------------------------------- */

static bool cause_number(const char *word, uint32_t *ret_number)
{
    for (uint32_t i = 0; i < TG_GATE_COUNT; i++)
        if (tg_cause_info(i) != NULL && strcmp(tg_cause_info(i)->name, word) == 0) {
            *ret_number = i;
            return true;
        }
    return false;
}

/* Index of a device by name, or its interrupt source. */
static bool device_number(const char *word, bool is_source, uint32_t *ret_number)
{
    struct tg_device_view device;
    for (uint32_t i = 0; tg_device(i, &device); i++)
        if (strcmp(device.name, word) == 0 && (!is_source || device.source != TG_NO_SOURCE)) {
            *ret_number = is_source ? device.source : i;
            return true;
        }
    return false;
}

/* A vector, source, call, device... by the name that such a thing has. */
static bool number_by_name(struct debugger *d, const char *what, const char *word, uint32_t *ret_number)
{
    if (strcmp(what, "vector") == 0)
        return cause_number(word, ret_number);
    if (strcmp(what, "source") == 0 || strcmp(what, "device") == 0)
        return device_number(word, what[0] == 's', ret_number);
    if (strcmp(what, "call") == 0 && d->guest != NULL) {
        int32_t number = tg_guest_call_number(d->guest, word, strlen(word));
        *ret_number = (uint32_t)number;
        return number >= 0;
    }
    return false;
}

/* The greatest number of such a thing. */
static uint32_t most_number(const char *what)
{
    return strcmp(what, "vector") == 0   ? TG_GATE_COUNT - 1
           : strcmp(what, "source") == 0 ? TG_INTERRUPT_SOURCES - 1
           : strcmp(what, "ring") == 0   ? 3
                                         : TG_DEBUG_ANY - 1;
}

/* "64", "32-63", "read". False after complaining. */
static bool read_number(struct debugger *d, const char *command, const char *what, const char *word,
                        struct tg_debug_filter *filter)
{
    uint64_t first, last;
    char part[64];
    size_t length = strcspn(word, "-");
    snprintf(part, sizeof part, "%.*s", (int)length, word);
    if (args_read_number(part, &first) && first < TG_DEBUG_ANY) {
        last = first;
        if (word[length] == '-' && (!args_read_number(word + length + 1, &last) || last < first || last >= TG_DEBUG_ANY))
            return complain(d, "%s: \"%s\" is no range", command, word);
        if (last > most_number(what))
            return complain(d, "%s: %s \"%s\": expected a number, 0 to %" PRIu32, command, what, word, most_number(what));
        filter->first_number = (uint32_t)first;
        filter->last_number = (uint32_t)last;
        return true;
    }
    if (!number_by_name(d, what, word, &filter->first_number))
        return complain(d, "%s: \"%s\" is no number or name of a %s", command, word, what);
    filter->last_number = filter->first_number;
    return true;
}

/* A ring, address space or process of "from" and "to". */
static bool read_side(struct debugger *d, const char *command, const char *what, const char *word, uint32_t *ret_number)
{
    struct tg_guest_process process;
    uint64_t number;
    if (strcmp(what, "process") == 0 && d->guest != NULL) {
        bool is_pid = args_read_number(word, &number);
        if (is_pid ? !tg_guest_process_by_pid(d->guest, (int32_t)number, &process)
                   : !tg_guest_process_by_name(d->guest, word, &process))
            return complain(d, "%s: there is no process \"%s\" now; ps lists them", command, word);
        *ret_number = process.row.number;
        return true;
    }
    if (!args_read_number(word, &number))
        return complain(d, "%s: \"%s\" is no number of a %s", command, word, what);
    if (number > most_number(what))
        return complain(d, "%s: %s \"%s\": expected a number, 0 to %" PRIu32, command, what, word, most_number(what));
    *ret_number = (uint32_t)number;
    return true;
}

/* Takes numbers, from and to off the beginning of *text. */
static bool read_filter(struct debugger *d, const char *command, const struct tg_debug_catch_info *info, const char **text,
                        struct tg_debug_filter *filter)
{
    struct args args = {.name = command, .at = *text};
    char word[ARGS_WORD_BYTES], value[ARGS_WORD_BYTES];
    static const char *const others[] = {"cpu", "core", "thread", "process", "if"};
    for (;;) {
        *text = args.at;
        if (!args_word(d, &args, word))
            return true;
        for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
            if (strcmp(word, others[i]) == 0)
                return true;
        bool is_from = strcmp(word, "from") == 0, is_to = strcmp(word, "to") == 0;
        if (!is_from && !is_to) {
            if (info->number[0] == '\0')
                return complain(d, "%s: did not expect \"%s\"", command, word);
            if (!read_number(d, command, info->number, word, filter))
                return false;
            continue;
        }
        if (info->from_to[0] == '\0' || !args_word(d, &args, value))
            return complain(d, info->from_to[0] == '\0' ? "%s: %s has no from and to" : "%s: expected a %s behind from or to",
                            command, info->from_to[0] == '\0' ? info->name : info->from_to);
        if (!read_side(d, command, info->from_to, value, is_from ? &filter->from : &filter->to))
            return false;
    }
}

bool watching_catch(struct debugger *d, struct args *args)
{
    const char *name = strrchr(args->name, ' ') + 1, *text = args->at;
    struct tg_debug_point point;
    struct points_limits limits;
    char words[ARGS_WORD_BYTES];
    points_new(&point, TG_DEBUG_POINT_CATCH);
    for (int i = 0; i < TG_DEBUG_CATCH_COUNT; i++)
        if (strcmp(tg_debug_catch_info((enum tg_debug_catch)i)->name, name) == 0)
            point.caught = (enum tg_debug_catch)i;
    if (!read_filter(d, args->name, tg_debug_catch_info(point.caught), &text, &point.filter) ||
        !conditions_read(d, args->name, text, &limits))
        return false;
    snprintf(words, sizeof words, "%s%s%s", name, args_is_empty(args) ? "" : " ", args->at);
    const char *condition = strstr(words, " if ");
    if (condition != NULL)
        words[condition - words] = '\0';
    if (!points_add(d, args->name, &point, &limits, words))
        return false;
    say(d, "catchpoint %" PRIu32 " (%s)\n", d->last_point, words);
    return true;
}
