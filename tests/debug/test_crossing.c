/* Tests of stepping through Turnpike: a call is stepped over though its process waits, others run
 * and it goes on on another CPU (emu/debug/step.c, step_back.c). */
#include <stdlib.h>
#include <string.h>

#include "debugged.h"
#include "suite.h"
#include "turnpike.h"

#define CALL_VECTOR 64

/* A trap of a process, by whichever CPU, in ring 3. */
static struct tg_debug_point any_call(void)
{
    struct tg_debug_point point = debugged_point(TG_DEBUG_POINT_CATCH);
    point.caught = TG_DEBUG_CATCH_TRAP;
    point.filter.first_number = point.filter.last_number = CALL_VECTOR;
    point.filter.from = 3;
    return point;
}

static struct tg_cpu_view view_of(const struct debugged *d, uint32_t cpu)
{
    struct tg_cpu_view view;
    tg_machine_cpu(d->machine, cpu, &view);
    return view;
}

static bool is_same_context(const struct tg_cpu_view *a, const struct tg_cpu_view *b)
{
    return a->x[SP] == b->x[SP] &&
           (a->creg[TG_CR_PTROOT] & TG_PTROOT_PAGE) == (b->creg[TG_CR_PTROOT] & TG_PTROOT_PAGE) &&
           (b->creg[TG_CR_STATUS] & TG_STATUS_RING) == 3;
}

/* From before a call of a process to behind it and back again, for some calls of a command. */
static void check_calls(const char *words, uint32_t cpus, const char *command)
{
    turnpike_boot(words, cpus);
    struct debugged d = {.machine = turnpike.machine};
    struct tg_debug_point point = any_call();
    unsigned stepped = 0;
    ck_assert_int_eq(tg_debug_create(d.machine, NULL, &d.debug, NULL), TG_OK);
    uint32_t number = debugged_add(&d, &point);
    ck_assert_int_eq(tg_debug_type(d.debug, command, strlen(command), NULL), TG_OK);
    for (unsigned i = 0; i < 60 && stepped < 25; i++) {
        const struct tg_debug_command run = {
            .kind = TG_DEBUG_CONTINUE, .cpu = TG_DEBUG_ANY, .stops_for_input = true};
        tg_debug_point_enable(d.debug, number, true);
        struct tg_debug_stop stop = debugged_go(&d, &run);
        if (stop.reasons[0].kind != TG_DEBUG_CATCH)
            break;
        tg_debug_point_enable(d.debug, number, false);
        struct tg_debug_command step = {
            .kind = TG_DEBUG_STEPI, .is_reverse = true, .cpu = stop.reasons[0].cpu};
        stop = debugged_go(&d, &step);
        struct tg_cpu_view before = view_of(&d, stop.cpu);
        uint64_t place = debugged_steps(&d);
        step = (struct tg_debug_command){
            .kind = TG_DEBUG_NEXTI, .cpu = stop.cpu, .stops_for_input = true};
        stop = debugged_go(&d, &step);
        if (stop.reasons[0].kind != TG_DEBUG_STEP_DONE)
            continue; /* it never returns: exec, exit, or it waits for the keyboard */
        struct tg_cpu_view after = view_of(&d, stop.cpu);
        ck_assert_uint_eq(after.pc, before.pc + 4);
        ck_assert(is_same_context(&before, &after));
        uint64_t behind = debugged_steps(&d);
        step =
            (struct tg_debug_command){.kind = TG_DEBUG_NEXTI, .is_reverse = true, .cpu = stop.cpu};
        stop = debugged_go(&d, &step);
        struct tg_cpu_view again = view_of(&d, stop.cpu);
        ck_assert_uint_eq(again.pc, before.pc);
        ck_assert(is_same_context(&before, &again));
        ck_assert_uint_ge(debugged_steps(&d), place);
        ck_assert_uint_lt(debugged_steps(&d), behind);
        debugged_goto(&d, TG_DEBUG_TO_STEPS, behind);
        stepped++;
    }
    ck_assert_uint_ge(stepped, 5);
    tg_debug_destroy(d.debug);
    turnpike_end();
}

START_TEST(a_call_is_stepped_over_in_every_arrangement)
{
    if (_i > 0)
        return; /* the other engine is slow, and the same */
    check_calls("", 1, "ls\n");
    check_calls("services=server", 1, "ls\n");
    check_calls("services=server", 2, "ls | wc\n");
    check_calls("services=server", 4, "cat /README | wc\n");
}
END_TEST

/* --- Through the disk ------------------------------------------------------------------------------ */

enum { PLACES = 24, MOST_CHUNK = 60000 };

static uint8_t *disk_of(const struct debugged *d)
{
    size_t size = (size_t)tg_machine_disk_bytes(d->machine);
    uint8_t *bytes = malloc(size);
    ck_assert(bytes != NULL && size > 0);
    ck_assert_int_eq(tg_machine_disk_read(d->machine, 0, bytes, size), TG_OK);
    return bytes;
}

static void step_machine(struct debugged *d, bool is_reverse, uint64_t count)
{
    struct tg_debug_stop stop = debugged_do(d, TG_DEBUG_STEPI, is_reverse, count);
    ck_assert_int_eq(stop.reasons[0].kind, TG_DEBUG_STEP_DONE);
}

/* A command that writes to the disk is run in pieces; then any of the places between is gone to, and
 * steps are made from it and undone. */
static void check_disk(const char *words, uint32_t cpus, const char *command)
{
    struct random_source source = {.state = cpus};
    struct tg_debug_place places[PLACES];
    uint64_t digests[PLACES];
    turnpike_boot(words, cpus);
    struct debugged d = {.machine = turnpike.machine};
    ck_assert_int_eq(tg_debug_create(d.machine, NULL, &d.debug, NULL), TG_OK);
    uint8_t *before = disk_of(&d);
    size_t size = (size_t)tg_machine_disk_bytes(d.machine);
    ck_assert_int_eq(tg_debug_type(d.debug, command, strlen(command), NULL), TG_OK);
    for (unsigned i = 0; i < PLACES; i++) {
        step_machine(&d, false, 1 + random_below(&source, MOST_CHUNK));
        places[i] = tg_debug_place(d.debug);
        digests[i] = tg_machine_digest(d.machine);
    }
    uint8_t *after = disk_of(&d);
    ck_assert_msg(memcmp(before, after, size) != 0, "%s writes nothing", command);
    for (unsigned i = 0; i < 2 * PLACES; i++) {
        unsigned to = random_below(&source, PLACES - 1);
        uint64_t count = 1 + random_below(&source, i % 2 ? 20000 : 3);
        debugged_goto(&d, TG_DEBUG_TO_STEPS, tg_debug_steps(&places[to]));
        ck_assert_uint_eq(tg_machine_digest(d.machine), digests[to]);
        bool is_back = tg_debug_steps(&places[to]) > tg_debug_steps(&places[0]) + count;
        step_machine(&d, is_back, count);
        step_machine(&d, !is_back, count);
        ck_assert_uint_eq(tg_machine_digest(d.machine), digests[to]);
    }
    struct tg_debug_target start = {.kind = TG_DEBUG_TO_START};
    struct tg_debug_stop stop;
    ck_assert_int_eq(tg_debug_goto(d.debug, &start, &stop, NULL), TG_OK);
    uint8_t *again = disk_of(&d);
    ck_assert_int_eq(memcmp(before, again, size), 0);
    free(before);
    free(after);
    free(again);
    tg_debug_destroy(d.debug);
    turnpike_end();
}

START_TEST(what_was_written_to_the_disk_comes_and_goes)
{
    static const char command[] = "cp /README /copy; cp /copy /more; sync; mkdir /new; mv /more /new/more; sync\n";
    static const char *const words[] = {"", "services=server", "fs=server calls=queue"};
    if (_i > 0)
        return;
    for (unsigned i = 0; i < sizeof words / sizeof words[0]; i++)
        for (uint32_t cpus = 1; cpus <= 4; cpus *= 2)
            check_disk(words[i], cpus, command);
}
END_TEST

SUITE_MAIN("crossing", a_call_is_stepped_over_in_every_arrangement, what_was_written_to_the_disk_comes_and_goes)
