/* See sourcecode.h. Lines, frames, variables: the program as its author wrote it. */
#include "sourcecode.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "debugger.h"
#include "isa/isa.h"
#include "points.h"
#include "stop.h"

#define LIST_LINES 10
#define TEXT_BYTES 4096

/* --- Lines -------------------------------------------------------------------------------------------------------------------------- */

static void say_text(struct debugger *d, const char *path, unsigned line)
{
    size_t length;
    const char *text = tg_sources_line(d->programs.sources, path, line, &length);
    for (size_t i = 0; text != NULL && i < length; i++) {
        char c[2] = {text[i], '\0'};
        say(d, "%s", c[0] == '\t' ? "    " : isprint((unsigned char)c[0]) ? c : "?");
    }
    say(d, "\n");
}

void sourcecode_show_line(struct debugger *d, const char *path, const char *file, unsigned line)
{
    say(d, "%s:%u  ", file, line);
    say_text(d, path, line);
}

static bool show_listing(struct debugger *d, const char *command, unsigned first, unsigned count)
{
    struct sourcecode_list *list = &d->list;
    const char *found;
    unsigned lines = tg_sources_line_count(d->programs.sources, list->path, &found);
    const struct tg_frame *frame = view_frame(d);
    if (lines == 0)
        return complain(d, "%s: the source file %s is not found; \"directory FOLDER\" says where to look", command,
                        list->path);
    if (first > lines)
        return complain(d, "%s: %s ends at line %u", command, list->file, lines);
    for (unsigned line = first; line < first + count && line <= lines; line++) {
        bool is_here = frame->path != NULL && strcmp(frame->path, list->path) == 0 && frame->line == line;
        say(d, "%s%5u  ", is_here ? "=>" : "  ", line);
        say_text(d, list->path, line);
    }
    list->first = first;
    list->line = first + count;
    return true;
}

static bool list_at(struct debugger *d, const char *path, const char *file, unsigned line)
{
    struct sourcecode_list *list = &d->list;
    snprintf(list->path, sizeof list->path, "%s", path);
    snprintf(list->file, sizeof list->file, "%s", file);
    return show_listing(d, "list", line > LIST_LINES / 2 ? line - LIST_LINES / 2 : 1, LIST_LINES);
}

/* The file and line of an address in any program that is known. */
static bool line_of(struct debugger *d, uint32_t address, struct tg_line_span *ret_span)
{
    struct tg_program *here = view_scope(d)->program;
    if (here != NULL && tg_program_line_at(here, address, ret_span))
        return true;
    for (size_t i = 0; i < d->programs.opened_count; i++)
        if (tg_program_line_at(d->programs.opened[i], address, ret_span))
            return true;
    return false;
}

/* list; list PLACE; list -; list FIRST,LAST */
bool sourcecode_list(struct debugger *d, struct args *args)
{
    struct sourcecode_list *list = &d->list;
    const struct tg_frame *frame = view_frame(d);
    struct tg_line_span span;
    struct points_place place;
    const char *text = args->at;
    unsigned first, last;
    int used;
    if (args_is_empty(args) && list->line > 0)
        return show_listing(d, args->name, list->line, LIST_LINES);
    if (args_is_empty(args))
        return frame->line > 0 ? list_at(d, frame->path, frame->file, frame->line)
                               : complain(d, "%s: no source line is known for pc; disassemble shows the code", args->name);
    if (strcmp(args->at, "-") == 0 && list->line > 0) {
        if (list->first <= 1)
            return complain(d, "%s: that was the beginning of %s", args->name, list->file);
        unsigned count = list->first - 1 < LIST_LINES ? list->first - 1 : LIST_LINES;
        bool is_fine = show_listing(d, args->name, list->first - count, count);
        return is_fine;
    }
    if (sscanf(args->at, "%u , %u%n", &first, &last, &used) == 2 && args->at[used] == '\0' && first > 0 && last >= first) {
        if (list->line == 0 && frame->line > 0) {
            snprintf(list->path, sizeof list->path, "%s", frame->path);
            snprintf(list->file, sizeof list->file, "%s", frame->file);
        }
        return show_listing(d, args->name, first, last - first + 1 < 2000 ? last - first + 1 : 2000);
    }
    if (!points_read_place(d, args->name, &text, &place))
        return false;
    if (!line_of(d, place.addresses[0], &span))
        return complain(d, "%s: no source line is known for %s", args->name, args->at);
    return list_at(d, span.path, span.file, span.line);
}

bool sourcecode_info_line(struct debugger *d, struct args *args)
{
    struct tg_line_span span;
    struct points_place place;
    const char *text = args->at;
    char first[VIEW_ADDRESS_BYTES], end[VIEW_ADDRESS_BYTES];
    if (!points_read_place(d, args->name, &text, &place))
        return false;
    if (!line_of(d, place.addresses[0], &span))
        return complain(d, "%s: no source line is known for 0x%08" PRIx32, args->name, place.addresses[0]);
    say(d, "%s:%u is at %s to %s\n", span.file, span.line, view_address_text(d, span.first, first),
        view_address_text(d, span.end, end));
    return true;
}

bool sourcecode_info_symbol(struct debugger *d, struct args *args)
{
    struct tg_value value;
    uint32_t address, offset;
    struct tg_program_symbol symbol;
    bool is_found = false;
    if (!view_evaluate(d, args->name, args->at, &value) || !view_number(d, args->name, &value, &address))
        return false;
    for (size_t i = 0; i < d->programs.opened_count; i++)
        if (tg_program_symbol_at(d->programs.opened[i], address, &symbol, &offset)) {
            say(d, "0x%08" PRIx32 " is %s+%" PRIu32 " in %s\n", address, symbol.name, offset,
                tg_program_name(d->programs.opened[i]));
            is_found = true;
        }
    return is_found || complain(d, "%s: no program that is known has a name at 0x%08" PRIx32, args->name, address);
}

/* --- Frames ------------------------------------------------------------------------------------------------------------------------- */

/* What an entry was, for the frame that it interrupted. */
static void say_entry(struct debugger *d, const struct tg_frame *frame)
{
    const struct tg_cause_info *cause = tg_cause_info(frame->vector);
    struct tg_guest_convention convention;
    if (frame->entry_kind == TG_ENTRY_INTERRUPT)
        say(d, "     --- interrupted by source %" PRIu32 " ---\n", frame->vector - TG_VECTOR_INTERRUPT);
    else if (frame->entry_kind == TG_ENTRY_EXCEPTION)
        say(d, "     --- exception %" PRIu32 " (%s) ---\n", frame->vector, cause != NULL ? cause->name : "?");
    else if (d->guest != NULL && tg_guest_convention(d->guest, &convention) && convention.vector == frame->vector &&
             (frame->known >> convention.number_register & 1) &&
             tg_guest_call_name(d->guest, frame->x[convention.number_register]) != NULL)
        say(d, "     --- trap %" PRIu32 ", call %s ---\n", frame->vector,
            tg_guest_call_name(d->guest, frame->x[convention.number_register]));
    else
        say(d, "     --- trap %" PRIu32 " ---\n", frame->vector);
}

struct argument_writer {
    struct debugger *d;
    const struct tg_scope *scope;
    bool has_one;
};

static bool say_argument(void *context, const struct tg_variable *variable)
{
    struct argument_writer *writer = context;
    const struct tg_format_options options = {.elements = 40, .depth = 1};
    char text[256];
    if (!variable->is_argument)
        return false;
    if (variable->value.is_lost)
        snprintf(text, sizeof text, "?"); /* too common to be said at length */
    else
        tg_value_format(writer->scope, &variable->value, &options, text, sizeof text);
    say(writer->d, "%s%s=%s", writer->has_one ? ", " : "", variable->name, text);
    writer->has_one = true;
    return true;
}

static void say_frame(struct debugger *d, const struct tg_frame *frame)
{
    struct tg_frame_scope scope;
    char where[VIEW_ADDRESS_BYTES];
    view_frame_scope(d, frame, &scope);
    if (frame->rule == TG_FRAME_ENTRY)
        say_entry(d, frame);
    say(d, "%c%-3u ", frame->number == view_frame(d)->number ? '*' : ' ', frame->number);
    if (frame->function == NULL) {
        tg_format_address(&scope.scope, frame->pc, where, sizeof where);
        say(d, "%s", where);
    } else {
        struct argument_writer writer = {d, &scope.scope, false};
        if (!frame->is_inlined)
            say(d, "0x%08" PRIx32 " ", frame->pc);
        say(d, "%s (", frame->function);
        tg_scope_variables(&scope.scope, say_argument, &writer);
        say(d, ")");
    }
    if (frame->line > 0)
        say(d, " at %s:%u", frame->file, frame->line);
    say(d, "%s%s\n", frame->is_inlined ? " (inlined)" : "", frame->is_guess ? " (a guess)" : "");
}

bool sourcecode_backtrace(struct debugger *d, struct args *args)
{
    uint64_t most = TG_UNWIND_MAX_FRAMES;
    struct tg_frame frame;
    enum tg_unwind_end end = TG_UNWIND_MORE;
    if (!args_count(d, args, "frames", &most) || !args_end(d, args))
        return false;
    tg_unwind_first(view_source(d), &frame);
    uint32_t ring = frame.ring;
    while (end == TG_UNWIND_MORE && frame.number < most) {
        if (frame.ring != ring)
            say(d, "     --- ring %" PRIu32 " ---\n", frame.ring);
        ring = frame.ring;
        say_frame(d, &frame);
        end = tg_unwind_outer(view_source(d), &frame, &frame);
    }
    if (end != TG_UNWIND_MORE && end != TG_UNWIND_OUTERMOST)
        say(d, "     (%s)\n", tg_unwind_end_text(end));
    return true;
}

static bool select_frame(struct debugger *d, const struct args *args, uint64_t number)
{
    bool is_found = number <= TG_UNWIND_MAX_FRAMES && view_select_frame(d, (unsigned)number);
    d->list.line = 0;
    say_frame(d, view_frame(d));
    if (view_frame(d)->line > 0)
        sourcecode_show_line(d, view_frame(d)->path, view_frame(d)->file, view_frame(d)->line);
    return is_found || complain(d, "%s: that is the outermost frame", args->name);
}

bool sourcecode_frame(struct debugger *d, struct args *args)
{
    char word[ARGS_WORD_BYTES];
    uint64_t number = view_frame(d)->number;
    if (args_word(d, args, word) && !args_read_number(word, &number))
        return complain(d, "%s %s: expected the number of a frame; backtrace shows them", args->name, word);
    return args_end(d, args) && select_frame(d, args, number);
}

bool sourcecode_up(struct debugger *d, struct args *args)
{
    uint64_t count = 1;
    return args_count(d, args, "frames", &count) && args_end(d, args) && select_frame(d, args, view_frame(d)->number + count);
}

bool sourcecode_down(struct debugger *d, struct args *args)
{
    uint64_t count = 1, number = view_frame(d)->number;
    if (!args_count(d, args, "frames", &count) || !args_end(d, args))
        return false;
    if (number == 0)
        return complain(d, "%s: this is the innermost frame", args->name);
    return select_frame(d, args, count > number ? 0 : number - count);
}

/* --- Variables ---------------------------------------------------------------------------------------------------------------------- */

struct variable_writer {
    struct debugger *d;
    bool wants_arguments, has_one;
    char *text;
};

static bool say_variable(void *context, const struct tg_variable *variable)
{
    struct variable_writer *writer = context;
    const struct tg_format_options options = {.is_pretty = writer->d->is_pretty};
    if (variable->is_argument != writer->wants_arguments)
        return true;
    tg_value_format(view_scope(writer->d), &variable->value, &options, writer->text, TEXT_BYTES);
    say(writer->d, "%s = %s%s\n", variable->name, writer->text, variable->is_shadowed ? "  (shadowed)" : "");
    writer->has_one = true;
    return true;
}

static bool show_variables(struct debugger *d, struct args *args, bool wants_arguments)
{
    struct variable_writer writer = {d, wants_arguments, false, malloc(TEXT_BYTES)};
    if (writer.text == NULL || !args_end(d, args)) {
        free(writer.text);
        return false;
    }
    tg_scope_variables(view_scope(d), say_variable, &writer);
    if (!writer.has_one)
        say(d, "no %s here\n", wants_arguments ? "arguments" : "local variables");
    free(writer.text);
    return true;
}

bool sourcecode_info_locals(struct debugger *d, struct args *args)
{
    return show_variables(d, args, false);
}

bool sourcecode_info_args(struct debugger *d, struct args *args)
{
    return show_variables(d, args, true);
}

bool sourcecode_info_frame(struct debugger *d, struct args *args)
{
    const struct tg_frame *frame = view_frame(d);
    if (!args_end(d, args))
        return false;
    say_frame(d, frame);
    say(d, "  ring %" PRIu32, frame->ring);
    if (frame->has_cfa)
        say(d, ", its caller's sp is 0x%08" PRIx32, frame->cfa);
    say(d, "\n");
    if (frame->rule == TG_FRAME_ENTRY)
        say(d, "  entry frame at 0x%08" PRIx32 ": vector %" PRIu32 ", error 0x%" PRIx32 ", address 0x%08" PRIx32
               ", pc 0x%08" PRIx32 ", status 0x%" PRIx32 "\n",
            frame->entry_frame, frame->vector, frame->error, frame->address, frame->pc, frame->status);
    return true;
}

bool sourcecode_info_source(struct debugger *d, struct args *args)
{
    const struct tg_frame *frame = view_frame(d);
    const char *found = NULL;
    if (!args_end(d, args))
        return false;
    if (frame->program != NULL)
        say(d, "program: %s\n", tg_program_name(frame->program));
    if (frame->line == 0)
        return complain(d, "%s: no source line is known for pc", args->name);
    unsigned lines = tg_sources_line_count(d->programs.sources, frame->path, &found);
    say(d, "source: %s, compiled as %s\n", frame->file, frame->path);
    if (lines > 0)
        say(d, "found: %s, %u lines\n", found, lines);
    else
        say(d, "the file is not found; \"directory FOLDER\" says where to look\n");
    return true;
}
