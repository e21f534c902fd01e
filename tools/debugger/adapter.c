/* See adapter.h. */
#include "adapter.h"

#include <stdlib.h>
#include <string.h>

#include "debugger.h"
#include "isa/isa.h"
#include "stop.h"

/* --- Programs ---------------------------------------------------------------------------------------------------------------------- */

/* A number for a text or an address of a program: equal for equal ones, and, for what they are compared with - the places of
 * one run of a step - different for different ones. */
static uint32_t number_of(const char *text, uint32_t number)
{
    uint32_t hash = UINT32_C(2166136261) ^ number;
    for (; text != NULL && *text != '\0'; text++)
        hash = (hash ^ (uint8_t)*text) * UINT32_C(16777619);
    return hash;
}

/* The program whose code a CPU executes at pc. */
static struct tg_program *program_of(struct debugger *d, uint32_t cpu, uint32_t pc)
{
    struct tg_cpu_view view;
    struct tg_guest_process process;
    struct tg_function function;
    tg_machine_cpu(d->machine, cpu, &view);
    if ((view.creg[TG_CR_STATUS] & TG_STATUS_RING) == 0 || d->guest == NULL ||
        (d->programs.kernel != NULL && tg_program_function_at(d->programs.kernel, pc, &function)))
        return d->programs.kernel;
    if (!tg_guest_current(d->guest, cpu, &process))
        return NULL;
    return programs_find(d, process.name, process.is_service);
}

static bool find_line(void *context, uint32_t cpu, uint32_t pc, struct tg_debug_line *ret_line)
{
    struct debugger *d = context;
    struct tg_program *program = program_of(d, cpu, pc);
    struct tg_line_span span;
    struct tg_function function;
    if (program == NULL || !tg_program_line_at(program, pc, &span) || span.line == 0)
        return false;
    bool has_function = tg_program_function_at(program, pc, &function);
    *ret_line = (struct tg_debug_line){.file = number_of(span.path, 0),
                                       .line = span.line,
                                       .function = has_function ? number_of(function.name, function.entry) : 0,
                                       .is_statement = span.is_statement && span.first == pc};
    return true;
}

static bool find_caller(void *context, uint32_t cpu, struct tg_debug_caller *ret_caller)
{
    struct debugger *d = context;
    struct view_moment *moment = malloc(sizeof *moment);
    struct tg_frame frame;
    bool is_found = false;
    if (moment == NULL)
        return false;
    view_moment(d, cpu, moment);
    frame = moment->frame;
    do
        is_found = tg_unwind_outer(&moment->source, &frame, &frame) == TG_UNWIND_MORE;
    while (is_found && frame.rule == TG_FRAME_INLINED);
    if (is_found)
        *ret_caller = (struct tg_debug_caller){.is_trap = frame.rule == TG_FRAME_ENTRY,
                                               .frame = frame.entry_frame,
                                               .pc = frame.pc,
                                               .sp = frame.x[2]};
    free(moment);
    return is_found;
}

/* The frame that ends the innermost handler: what interrupted context it came from. */
static bool find_handler_frame(void *context, uint32_t cpu, uint32_t *ret_frame)
{
    struct debugger *d = context;
    struct view_moment *moment = malloc(sizeof *moment);
    struct tg_frame frame;
    bool is_found = false;
    if (moment == NULL)
        return false;
    view_moment(d, cpu, moment);
    frame = moment->frame;
    do
        is_found = tg_unwind_outer(&moment->source, &frame, &frame) == TG_UNWIND_MORE;
    while (is_found && frame.rule != TG_FRAME_ENTRY);
    if (is_found)
        *ret_frame = frame.entry_frame;
    free(moment);
    return is_found;
}

static uint32_t find_body(void *context, uint32_t cpu, uint32_t pc)
{
    struct debugger *d = context;
    struct tg_program *program = program_of(d, cpu, pc);
    struct tg_function function;
    if (program == NULL || !tg_program_function_at(program, pc, &function) || function.entry != pc)
        return pc;
    return function.body;
}

/* --- The guest --------------------------------------------------------------------------------------------------------------------- */

/* Processes are told by the numbers of their rows. */
static uint32_t current_process(void *context, uint32_t cpu)
{
    struct debugger *d = context;
    return tg_guest_current_number(d->guest, cpu);
}

static bool find_call(void *context, const struct tg_entry_event *event, struct tg_debug_call *ret_call)
{
    struct debugger *d = context;
    struct tg_guest_call call;
    if (!tg_guest_call_at(d->guest, event, &call))
        return false;
    *ret_call = (struct tg_debug_call){call.number, call.is_message, call.process, call.to};
    return true;
}

/* A symbol of a service's server, in its own file. */
static bool find_symbol(void *context, const char *service, const char *symbol, uint32_t *ret_address)
{
    struct debugger *d = context;
    struct tg_program_symbol found;
    struct tg_program *file = service == NULL ? d->programs.kernel : programs_find(d, service, true);
    if (file == NULL || !tg_program_symbol(file, symbol, &found))
        return false;
    *ret_address = found.address;
    return true;
}

/* --- All --------------------------------------------------------------------------------------------------------------------------- */

static void on_log(void *context, const struct tg_debug_stop *stop)
{
    stop_show_log(context, stop);
}

int adapter_begin(struct debugger *d)
{
    const struct tg_debug_options options = {.context = d, .logged = on_log};
    const struct tg_guest_programs programs = {d, find_symbol};
    const struct tg_debug_source source = {.context = d, .line = find_line, .caller = find_caller, .handler_frame = find_handler_frame, .body = find_body};
    const struct tg_debug_guest guest = {d, current_process, find_call};
    _Static_assert(TG_GUEST_NOBODY == TG_DEBUG_ANY, "a process that is not known is any");
    struct tg_error error = {""};
    int result = tg_debug_create(d->machine, &options, &d->core, &error);
    if (result != TG_OK) {
        complain(d, "tollgate debug: %s", error.text[0] != '\0' ? error.text : "not enough memory");
        return result;
    }
    tg_debug_set_source(d->core, &source);
    result = tg_guest_open(d->machine, &programs, &d->guest, &error);
    if (result == TG_E_FORMAT)
        complain(d, "the table of what the guest does cannot be used: %s", error.text);
    if (result == TG_OK)
        tg_debug_set_guest(d->core, &guest);
    else
        d->guest = NULL;
    return TG_OK;
}

void adapter_end(struct debugger *d)
{
    tg_debug_destroy(d->core);
    tg_guest_close(d->guest);
    d->core = NULL;
    d->guest = NULL;
}
