/* See debugged.h. */
#include "debugged.h"

#include <check.h>

static struct debugged begin(struct tg_machine *machine)
{
    struct debugged d = {.machine = machine};
    struct tg_error error;
    ck_assert_int_eq(tg_debug_create(machine, NULL, &d.debug, &error), TG_OK);
    return d;
}

struct debugged debugged_guest(uint64_t seed, const char *engine)
{
    struct random_source source = {.state = seed};
    struct tg_config config = random_guest_config(&source, engine, 4);
    struct tg_machine *machine = NULL;
    ck_assert_int_eq(tg_machine_create(&config, NULL, &machine, NULL), TG_OK);
    random_guest_load(machine, &source);
    return begin(machine);
}

struct debugged debugged_program(const struct program *program, const char *engine, uint32_t cpus)
{
    return begin(program_machine(program, engine, cpus));
}

void debugged_finish(struct debugged *d)
{
    tg_debug_destroy(d->debug);
    tg_machine_destroy(d->machine);
}

struct tg_debug_stop debugged_go(struct debugged *d, const struct tg_debug_command *command)
{
    struct tg_debug_stop stop;
    struct tg_error error = {""};
    int result = tg_debug_go(d->debug, command, &stop, &error);
    ck_assert_msg(result == TG_OK, "%d: %s", result, error.text);
    ck_assert_uint_ge(stop.count, 1);
    struct tg_debug_place place = tg_debug_place(d->debug);
    ck_assert_int_eq(tg_debug_compare_places(&place, &stop.place), 0);
    return stop;
}

struct tg_debug_stop debugged_do(struct debugged *d, enum tg_debug_command_kind kind,
                                 bool is_reverse, uint64_t count)
{
    const struct tg_debug_command command = {
        .kind = kind, .is_reverse = is_reverse, .count = count, .cpu = TG_DEBUG_ANY};
    return debugged_go(d, &command);
}

struct tg_debug_stop debugged_goto(struct debugged *d, enum tg_debug_target_kind kind,
                                   uint64_t value)
{
    const struct tg_debug_target target = {.kind = kind, .value = value};
    struct tg_debug_stop stop;
    struct tg_error error;
    ck_assert_int_eq(tg_debug_goto(d->debug, &target, &stop, &error), TG_OK);
    return stop;
}

struct tg_debug_point debugged_point(enum tg_debug_point_kind kind)
{
    struct tg_debug_point point = {.kind = kind, .is_enabled = true};
    tg_debug_filter_init(&point.filter);
    return point;
}

uint32_t debugged_add(struct debugged *d, const struct tg_debug_point *point)
{
    uint32_t number = 0;
    struct tg_error error = {""};
    int result = tg_debug_point_add(d->debug, point, &number, &error);
    ck_assert_msg(result == TG_OK, "%s", error.text);
    return number;
}

uint32_t debugged_break(struct debugged *d, uint32_t address)
{
    struct tg_debug_point point = debugged_point(TG_DEBUG_POINT_BREAK);
    point.addresses[0] = address;
    point.address_count = 1;
    return debugged_add(d, &point);
}

uint32_t debugged_catch(struct debugged *d, enum tg_debug_catch caught)
{
    struct tg_debug_point point = debugged_point(TG_DEBUG_POINT_CATCH);
    point.caught = caught;
    return debugged_add(d, &point);
}

uint32_t debugged_pc(const struct debugged *d, uint32_t cpu)
{
    struct tg_cpu_view view;
    tg_machine_cpu(d->machine, cpu, &view);
    return view.pc;
}

uint32_t debugged_register(const struct debugged *d, uint32_t cpu, unsigned number)
{
    return program_register(d->machine, cpu, number);
}

uint64_t debugged_steps(const struct debugged *d)
{
    struct tg_debug_place place = tg_debug_place(d->debug);
    return tg_debug_steps(&place);
}
