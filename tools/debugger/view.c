/* See view.h. */
#include "view.h"

#include <inttypes.h>
#include <string.h>

#include "commands.h"
#include "debugger.h"
#include "isa/isa.h"
#include "values.h"

/* --- Reading, as it is looked at -------------------------------------------------------------------------------------------- */

static bool read_memory(void *context, uint32_t vaddr, void *bytes, size_t count)
{
    struct debugger *d = context;
    return tg_guest_read(d->machine, view_ptroot(d), vaddr, bytes, count);
}

static bool read_physical(void *context, uint32_t paddr, void *bytes, size_t count)
{
    struct debugger *d = context;
    return tg_machine_ram_read(d->machine, paddr, bytes, count) == TG_OK;
}

static bool read_creg(void *context, unsigned number, uint32_t *ret_value)
{
    struct debugger *d = context;
    struct tg_cpu_view cpu;
    if (tg_creg_info(number) == NULL)
        return false;
    tg_machine_cpu(d->machine, d->view.cpu, &cpu);
    *ret_value = number == TG_CR_PTROOT ? view_ptroot(d) : cpu.creg[number];
    return true;
}

static bool read_variable(void *context, const char *name, size_t length, struct tg_value *ret_value)
{
    return values_read(context, name, length, ret_value);
}

static struct tg_program *user_program(struct debugger *d, uint32_t cpu)
{
    struct tg_guest_process process;
    if (d->view.has_process)
        process = d->view.process;
    else if (d->guest == NULL || !tg_guest_current(d->guest, cpu, &process))
        return NULL;
    return process.is_in_kernel ? NULL : programs_find(d, process.name, process.is_service);
}

static struct tg_program *program_at(void *context, uint32_t pc, uint32_t ring)
{
    struct debugger *d = context;
    struct tg_machine_source *inner = &d->view.machine_source;
    return inner->source.program_at(inner->source.context, pc, ring);
}

/* --- What is kept until the machine moves ------------------------------------------------------------------------------------- */

static void fill_machine_source(struct debugger *d, uint32_t cpu, struct tg_machine_source *source)
{
    *source = (struct tg_machine_source){
        .machine = d->machine, .cpu = cpu, .kernel = d->programs.kernel, .user = user_program(d, cpu)};
    tg_unwind_machine(source);
}

/* The programs whose memory is in reach; how many. */
static size_t programs_there(const struct tg_machine_source *source, struct tg_program **programs)
{
    size_t count = 0;
    if (source->kernel != NULL)
        programs[count++] = source->kernel;
    if (source->user != NULL)
        programs[count++] = source->user;
    return count;
}

/* The registers that are known of a process that no CPU works for: those in the frame by which it entered the kernel. */
static void fill_process_registers(struct debugger *d, struct tg_unwind_source *source)
{
    uint32_t frame[TG_FRAME_BYTES / 4];
    memset(source->x, 0, sizeof source->x);
    if (d->view.process.frame == 0 ||
        !tg_guest_read(d->machine, d->view.process.ptroot, d->view.process.frame, frame, sizeof frame))
        return;
    source->pc = frame[TG_FRAME_PC / 4];
    source->ring = frame[TG_FRAME_STATUS / 4] & TG_STATUS_RING;
    source->x[2] = frame[TG_FRAME_SP / 4];
}

static void view_make(struct debugger *d)
{
    struct view *view = &d->view;
    if (view->is_made)
        return;
    view->is_made = true;
    fill_machine_source(d, view->cpu, &view->machine_source);
    view->source = view->machine_source.source;
    view->source.context = d;
    view->source.read_memory = read_memory;
    view->source.read_physical = read_physical;
    view->source.read_creg = read_creg;
    view->source.read_variable = read_variable;
    view->source.program_at = program_at;
    if (view->has_process)
        fill_process_registers(d, &view->source);
    view->program_count = programs_there(&view->machine_source, view->programs);
    tg_unwind_first(&view->source, &view->frame);
    if (view->has_process)
        view->frame.known = 1u | 1u << 2;
    view_frame_scope(d, &view->frame, &view->scope);
}

void view_frame_scope(struct debugger *d, const struct tg_frame *frame, struct tg_frame_scope *ret_scope)
{
    view_make(d);
    tg_scope_of_frame(&d->view.source, frame, d->view.programs, d->view.program_count, ret_scope);
}

void view_forget(struct debugger *d)
{
    d->view.is_made = false;
}

void view_moved(struct debugger *d, uint32_t cpu)
{
    if (cpu < tg_machine_config(d->machine)->cpus)
        d->view.cpu = cpu;
    d->view.has_process = false;
    view_forget(d);
}

const struct tg_unwind_source *view_source(struct debugger *d)
{
    view_make(d);
    return &d->view.source;
}

const struct tg_frame *view_frame(struct debugger *d)
{
    view_make(d);
    return &d->view.frame;
}

const struct tg_scope *view_scope(struct debugger *d)
{
    view_make(d);
    return &d->view.scope.scope;
}

bool view_select_frame(struct debugger *d, unsigned number)
{
    struct view *view = &d->view;
    struct tg_frame frame;
    enum tg_unwind_end end = TG_UNWIND_MORE;
    view_make(d);
    tg_unwind_first(&view->source, &frame);
    if (view->has_process)
        frame.known = 1u | 1u << 2;
    while (frame.number < number && end == TG_UNWIND_MORE) {
        struct tg_frame outer;
        end = tg_unwind_outer(&view->source, &frame, &outer);
        if (end == TG_UNWIND_MORE)
            frame = outer;
    }
    view->frame = frame;
    view_frame_scope(d, &view->frame, &view->scope);
    return frame.number == number;
}

void view_moment(struct debugger *d, uint32_t cpu, struct view_moment *moment)
{
    fill_machine_source(d, cpu, &moment->machine_source);
    moment->source = moment->machine_source.source;
    tg_unwind_first(&moment->source, &moment->frame);
    size_t count = programs_there(&moment->machine_source, moment->programs);
    tg_scope_of_frame(&moment->source, &moment->frame, moment->programs, count, &moment->scope);
}

bool view_read(struct debugger *d, uint32_t vaddr, void *bytes, size_t count)
{
    return read_memory(d, vaddr, bytes, count);
}

uint32_t view_ptroot(struct debugger *d)
{
    struct tg_cpu_view cpu;
    if (d->view.has_process)
        return d->view.process.ptroot;
    tg_machine_cpu(d->machine, d->view.cpu, &cpu);
    return cpu.creg[TG_CR_PTROOT];
}

/* --- Texts -------------------------------------------------------------------------------------------------------------------- */

const char *view_address_text(struct debugger *d, uint32_t address, char buf[VIEW_ADDRESS_BYTES])
{
    tg_format_address(view_scope(d), address, buf, VIEW_ADDRESS_BYTES);
    return buf;
}

void view_process_text(struct debugger *d, uint32_t cpu, char *buf, size_t size)
{
    struct tg_guest_process process;
    char words[TG_GUEST_TEXT_BYTES * 2];
    buf[0] = '\0';
    if (d->guest == NULL || !tg_guest_current(d->guest, cpu, &process))
        return;
    tg_guest_process_words(&process, words);
    snprintf(buf, size, "%s", words);
}

/* --- Expressions ---------------------------------------------------------------------------------------------------------------- */

static bool evaluate(struct debugger *d, const char *command, struct tg_expression *expression, struct tg_value *ret_value)
{
    struct tg_expression_error error;
    int result = tg_expression_evaluate(expression, view_scope(d), ret_value, &error);
    bool is_assignment = tg_expression_is_assignment(expression);
    tg_expression_destroy(expression);
    if (result != TG_OK)
        return complain(d, "%s: %s", command, result == TG_E_NOMEM ? "not enough memory" : error.text);
    return !is_assignment || values_assign(d, command, ret_value);
}

bool view_try(struct debugger *d, const char *text, struct tg_value *ret_value)
{
    struct tg_expression *expression;
    if (tg_expression_compile(text, strlen(text), view_scope(d), &expression, NULL) != TG_OK)
        return false;
    bool is_fine = !tg_expression_is_assignment(expression) &&
                   tg_expression_evaluate(expression, view_scope(d), ret_value, NULL) == TG_OK;
    tg_expression_destroy(expression);
    return is_fine;
}

bool view_evaluate(struct debugger *d, const char *command, const char *text, struct tg_value *ret_value)
{
    struct tg_expression *expression;
    struct tg_expression_error error;
    if (text[0] == '\0')
        return complain(d, "%s: expected an expression", command);
    int result = tg_expression_compile(text, strlen(text), view_scope(d), &expression, &error);
    if (result != TG_OK)
        return complain(d, "%s: %s", command, result == TG_E_NOMEM ? "not enough memory" : error.text);
    return evaluate(d, command, expression, ret_value);
}

bool view_evaluate_part(struct debugger *d, const char *command, const char **text, struct tg_value *ret_value)
{
    struct tg_expression *expression;
    struct tg_expression_error error;
    size_t used;
    if ((*text)[0] == '\0')
        return complain(d, "%s: expected an expression", command);
    int result = tg_expression_compile_part(*text, strlen(*text), view_scope(d), &expression, &used, &error);
    if (result != TG_OK)
        return complain(d, "%s: %s", command, result == TG_E_NOMEM ? "not enough memory" : error.text);
    *text += used;
    *text += strspn(*text, " \t");
    return evaluate(d, command, expression, ret_value);
}

bool view_number(struct debugger *d, const char *command, const struct tg_value *value, uint32_t *ret_number)
{
    int64_t number;
    enum tg_type_kind kind = tg_type_kind(tg_type_plain(value->type));
    if ((kind == TG_TYPE_ARRAY || kind == TG_TYPE_STRUCT || kind == TG_TYPE_UNION || kind == TG_TYPE_FUNCTION) &&
        (value->place == TG_PLACE_MEMORY || value->place == TG_PLACE_PHYSICAL)) {
        *ret_number = value->address;
        return true;
    }
    if (!tg_value_number(value, &number))
        return complain(d, "%s: that is no number or address%s", command,
                        value->is_unreadable ? ": it lies in memory that cannot be read"
                        : value->is_lost     ? ": the compiler has not kept it here"
                                             : "");
    *ret_number = (uint32_t)number;
    return true;
}

/* --- Commands ------------------------------------------------------------------------------------------------------------------- */

bool view_core(struct debugger *d, struct args *args)
{
    char word[ARGS_WORD_BYTES];
    uint64_t number;
    uint32_t cpus = tg_machine_config(d->machine)->cpus;
    if (args_word(d, args, word)) {
        if (!args_read_number(word, &number) || number >= cpus)
            return complain(d, "%s %s: expected the number of a CPU, 0 to %" PRIu32, args->name, word, cpus - 1);
        if (!args_end(d, args))
            return false;
        view_moved(d, (uint32_t)number);
    }
    say(d, "looking at CPU %" PRIu32 "\n", d->view.cpu);
    return true;
}
