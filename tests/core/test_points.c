/*
 * Tests of stopping: at steps, at breaks, at watches, after interrupts (emu/core/points.c,
 * schedule.c). What a run is, step by step, is the measure for how it is cut by all other means.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "core/checkpoint.h"
#include "core/ram.h"
#include "guests.h"
#include "suite.h"

enum {
    GUESTS = 40,
    STEPS = 800,
    MOST_BREAKS = 40,
    MOST_EVENTS = 20000,
    LONG_SEED = 1 /* of a guest that does not end soon */
};

/* A place between two steps. */
struct place {
    uint64_t digest;
    struct tg_position position;
    uint32_t cpu, pc; /* of the next step */
};

/* places[s] is the place with s steps behind it; places[count] the last: there the run ended, or
 * was not followed further. */
struct story {
    struct place places[STEPS + 1];
    uint32_t count;
    struct tg_stop end; /* TG_STOP_LIMIT: not followed further */
};

static struct tg_run_limits to_step(uint64_t step)
{
    return (struct tg_run_limits){
        .until = {TG_NO_LIMIT, TG_NO_LIMIT}, .is_settled = true, .until_steps = step};
}

/* Runs over requests of the guest for a debugger. */
static struct tg_stop run(struct tg_machine *machine, struct tg_run_limits limits)
{
    struct tg_stop stop;
    do
        tg_machine_run(machine, &limits, &stop);
    while (stop.reason == TG_STOP_BREAK);
    return stop;
}

static struct place here(struct tg_machine *machine)
{
    struct tg_cpu_view view;
    uint32_t cpu = tg_machine_turn(machine);
    tg_machine_cpu(machine, cpu, &view);
    return (struct place){tg_machine_digest(machine), tg_machine_position(machine), cpu, view.pc};
}

static void check_place(uint64_t seed, const struct place *want, const struct place *found)
{
    uint64_t step = tg_position_steps(want->position);
    ck_assert_msg(want->position.insns == found->position.insns &&
                      want->position.interrupts == found->position.interrupts &&
                      want->position.time == found->position.time,
                  "guest %u: at insn %u of time %u and not %u of %u, step %u", (unsigned)seed,
                  (unsigned)found->position.insns, (unsigned)found->position.time,
                  (unsigned)want->position.insns, (unsigned)want->position.time, (unsigned)step);
    ck_assert_msg(want->cpu == found->cpu && want->pc == found->pc,
                  "guest %u, step %u: CPU %u at 0x%x and not %u at 0x%x", (unsigned)seed,
                  (unsigned)step, found->cpu, found->pc, want->cpu, want->pc);
    ck_assert_msg(want->digest == found->digest, "guest %u: another digest at step %u",
                  (unsigned)seed, (unsigned)step);
}

/* A guest's run, one step at a time. */
static struct story *tell(uint64_t seed, const char *engine)
{
    struct story *story = calloc(1, sizeof *story);
    struct tg_machine *machine = guest_machine(seed, engine);
    for (uint32_t step = 0;; step++) {
        /* 0 would be no limit at all */
        struct tg_run_limits limits = to_step(step);
        if (step == 0)
            limits.until.insns = 0;
        story->end = run(machine, limits);
        story->count = step;
        story->places[step] = here(machine);
        if (story->end.reason != TG_STOP_LIMIT) {
            ck_assert(step == 0 || tg_position_steps(story->places[step].position) <= step);
            break;
        }
        ck_assert_uint_eq(tg_position_steps(story->places[step].position), step);
        if (step == STEPS)
            break;
    }
    tg_machine_destroy(machine);
    return story;
}

static bool is_interrupt(const struct story *story, uint32_t step)
{
    return story->places[step + 1].position.interrupts > story->places[step].position.interrupts;
}

/* The last step of which the story knows what it was. */
static uint32_t last_step(const struct story *story)
{
    if (story->end.reason == TG_STOP_LIMIT)
        return story->count;
    return story->count ? story->count - 1 : 0;
}

START_TEST(every_step_adds_one_and_the_engines_agree)
{
    for (uint64_t seed = 0; seed < GUESTS; seed++) {
        struct story *one = tell(seed, ENGINE);
        struct story *other = tell(seed, guest_engine((unsigned)_i + 1));
        ck_assert_uint_eq(one->count, other->count);
        for (uint32_t step = 0; step < one->count; step++)
            check_place(seed, &other->places[step], &one->places[step]);
        free(one);
        free(other);
    }
}
END_TEST

START_TEST(a_place_is_the_same_however_it_is_come_to)
{
    for (uint64_t seed = 0; seed < GUESTS; seed++) {
        struct random_source source = {.state = seed + 1};
        struct story *story = tell(seed, ENGINE);
        struct tg_machine *machine = guest_machine(seed, ENGINE);
        uint32_t step = 0;
        while ((step += 1 + random_below(&source, 60)) <= last_step(story)) {
            struct tg_run_limits limits = to_step(step);
            if (random_chance(&source, 50)) { /* by instructions, and stop anywhere in between */
                limits = (struct tg_run_limits){
                    .until = {story->places[step].position.insns, TG_NO_LIMIT}};
                run(machine, limits);
                limits.is_settled = true;
                while (step > 0 && is_interrupt(story, step - 1))
                    step--;
            }
            run(machine, limits);
            struct place found = here(machine);
            check_place(seed, &story->places[step], &found);
        }
        tg_machine_destroy(machine);
        free(story);
    }
}
END_TEST

START_TEST(every_interrupt_stops_a_run_that_asks_for_it)
{
    uint64_t interrupts = 0;
    for (uint64_t seed = 0; seed < GUESTS; seed++) {
        struct story *story = tell(seed, ENGINE);
        struct tg_machine *machine = guest_machine(seed, ENGINE);
        struct tg_run_limits limits = to_step(story->count);
        limits.stop_on_interrupt = true;
        for (uint32_t step = 0; step < last_step(story); step++) {
            if (!is_interrupt(story, step) || step + 1 == story->count)
                continue;
            struct tg_stop stop = run(machine, limits);
            ck_assert_int_eq(stop.reason, TG_STOP_INTERRUPT);
            ck_assert_uint_eq(stop.cpu, story->places[step].cpu);
            struct place found = here(machine);
            check_place(seed, &story->places[step + 1], &found);
            interrupts++;
        }
        tg_machine_destroy(machine);
        free(story);
    }
    ck_assert_uint_gt(interrupts, 100);
}
END_TEST

/* --- Breaks ------------------------------------------------------------------------------------
 */

/* What a run with breaks is expected to report, and how it answers. */
struct breaks {
    const struct story *story;
    uint64_t seed;
    uint32_t addresses[MOST_BREAKS];
    uint32_t count;
    uint32_t next;    /* first step that has not been reported */
    bool stops_there; /* the answer of the last report */
    uint32_t reports;
};

static bool has_break(const struct breaks *breaks, uint32_t pc)
{
    for (uint32_t i = 0; i < breaks->count; i++)
        if (breaks->addresses[i] == pc)
            return true;
    return false;
}

/* The next step from `next` on that is the instruction at a break. */
static uint32_t next_report(const struct breaks *breaks)
{
    const struct story *story = breaks->story;
    uint32_t step = breaks->next;
    while (step < last_step(story) &&
           (is_interrupt(story, step) || !has_break(breaks, story->places[step].pc)))
        step++;
    return step;
}

static bool does_stop(uint64_t seed, uint32_t step)
{
    return (seed + step) % 3 != 0;
}

static bool on_break(void *context, uint32_t cpu, uint32_t pc)
{
    struct breaks *breaks = context;
    uint32_t step = next_report(breaks);
    if (step >= last_step(breaks->story)) /* behind the story */
        return false;
    const struct place *place = &breaks->story->places[step];
    ck_assert_msg(cpu == place->cpu && pc == place->pc,
                  "guest %u: reported CPU %u at 0x%x, expected %u at 0x%x at step %u",
                  (unsigned)breaks->seed, cpu, pc, place->cpu, place->pc, (unsigned)step);
    breaks->next = step + 1;
    breaks->stops_there = does_stop(breaks->seed, step);
    breaks->reports++;
    return breaks->stops_there;
}

static void choose_breaks(struct breaks *breaks, struct random_source *source)
{
    breaks->count = 1 + random_below(source, MOST_BREAKS);
    for (uint32_t i = 0; i < breaks->count; i++) {
        uint32_t step = random_below(source, breaks->story->count + 1);
        breaks->addresses[i] = breaks->story->places[step].pc;
        if (random_chance(source, 40)) /* the same place in another page, or another place in it */
            breaks->addresses[i] ^= random_chance(source, 50) ? 0x1000 : 4;
    }
}

/* Runs the story's guest with the breaks to the story's end, stopping where told. */
static uint32_t run_with_breaks(struct breaks *breaks, struct random_source *source,
                                const char *engine)
{
    const struct story *story = breaks->story;
    struct tg_machine *machine = guest_machine(breaks->seed, engine);
    struct tg_points points = {.context = breaks,
                               .breaks = breaks->addresses,
                               .break_count = breaks->count,
                               .reached = on_break};
    ck_assert_int_eq(tg_machine_set_points(machine, &points), TG_OK);
    for (;;) {
        uint32_t until = last_step(story);
        uint32_t cut = breaks->next + 1 + random_below(source, 100);
        if (random_chance(source, 50) && cut < until)
            until = cut;
        uint32_t now = (uint32_t)tg_position_steps(tg_machine_position(machine));
        if (until <= now && now >= last_step(story))
            break;
        struct tg_stop stop = run(machine, to_step(until > now ? until : now + 1));
        struct place found = here(machine);
        check_place(breaks->seed, &story->places[tg_position_steps(found.position)], &found);
        if (stop.reason == TG_STOP_POINT) {
            ck_assert(breaks->stops_there);
            ck_assert_uint_eq(stop.cpu, found.cpu);
            ck_assert_uint_eq(tg_position_steps(found.position), breaks->next - 1);
            if (random_chance(source, 10)) { /* a new set: the same one */
                ck_assert_int_eq(tg_machine_set_points(machine, NULL), TG_OK);
                ck_assert_int_eq(tg_machine_set_points(machine, &points), TG_OK);
            }
            tg_machine_pass_break(machine);
        } else {
            ck_assert_int_eq(stop.reason, TG_STOP_LIMIT);
        }
    }
    ck_assert_uint_eq(next_report(breaks), last_step(story)); /* none was missed */
    tg_machine_destroy(machine);
    return breaks->reports;
}

START_TEST(breaks_stop_at_each_of_their_steps_and_change_nothing)
{
    uint32_t reports = 0;
    for (uint64_t seed = 0; seed < GUESTS; seed++) {
        struct random_source source = {.state = seed + 77};
        struct story *story = tell(seed, tg_engine_name(1, NULL));
        if (story->count < 2) {
            free(story);
            continue;
        }
        struct breaks breaks = {.story = story, .seed = seed};
        choose_breaks(&breaks, &source);
        reports += run_with_breaks(&breaks, &source, ENGINE);
        free(story);
    }
    ck_assert_uint_gt(reports, 1000);
}
END_TEST

static bool always(void *context, uint32_t cpu, uint32_t pc)
{
    (void)cpu;
    *(uint32_t *)context = pc;
    return true;
}

START_TEST(a_break_that_is_not_passed_is_reported_again)
{
    struct story *story = tell(LONG_SEED, ENGINE);
    struct tg_machine *machine = guest_machine(LONG_SEED, ENGINE);
    uint32_t reported = 0;
    uint32_t address = story->places[50].pc;
    struct tg_points points = {
        .context = &reported, .breaks = &address, .break_count = 1, .reached = always};
    ck_assert_int_eq(tg_machine_set_points(machine, &points), TG_OK);
    uint64_t step = 0;
    for (int i = 0; i < 4; i++) {
        reported = 0;
        ck_assert_int_eq(run(machine, to_step(STEPS)).reason, TG_STOP_POINT);
        ck_assert_uint_eq(reported, address);
        uint64_t now = tg_position_steps(tg_machine_position(machine));
        ck_assert(i == 0 || now == step);
        step = now;
    }
    tg_machine_pass_break(machine);
    ck_assert(run(machine, to_step(step + 1)).reason == TG_STOP_LIMIT);
    tg_machine_destroy(machine);
    free(story);
}
END_TEST

/* --- Watches -----------------------------------------------------------------------------------
 */

struct seen_event {
    struct tg_position position;
    struct tg_watch_event event;
};

struct journal {
    struct tg_machine *machine;
    struct seen_event *events;
    uint32_t count;
    const struct tg_watch *watches;
    uint32_t watch_count;
};

static bool is_watched(const struct journal *journal, const struct tg_watch_event *event)
{
    for (uint32_t i = 0; i < journal->watch_count; i++)
        if (tg_watch_matches(&journal->watches[i], event))
            return true;
    return false;
}

static void put_event(struct journal *journal, const struct tg_watch_event *event)
{
    if (journal->count < MOST_EVENTS)
        journal->events[journal->count] =
            (struct seen_event){tg_machine_position(journal->machine), *event};
    journal->count++;
}

static bool on_access(void *context, const struct tg_watch_event *event)
{
    struct journal *journal = context;
    uint8_t bytes[4];
    uint32_t value = 0;
    put_event(journal, event);
    ck_assert(is_watched(journal, event));
    /* It is there now. */
    if (tg_machine_ram_read(journal->machine, event->paddr, bytes, event->bytes) == TG_OK) {
        for (uint32_t i = event->bytes; i-- > 0;)
            value = value << 8 | bytes[i];
        ck_assert_uint_eq(value, event->value);
    }
    return false;
}

static void on_memory(void *context, const struct tg_memory_event *event)
{
    struct journal *journal = context;
    struct tg_watch_event as_watched = {.cpu = event->cpu,
                                        .access = event->access,
                                        .pc = event->pc,
                                        .vaddr = event->vaddr,
                                        .paddr = event->paddr,
                                        .bytes = event->bytes,
                                        .value = event->value};
    if (is_watched(journal, &as_watched))
        put_event(journal, &as_watched);
}

/* Watches around what the guest accesses: from all its accesses some are drawn. */
static uint32_t choose_watches(struct tg_watch *watches, const struct journal *all,
                               struct random_source *source)
{
    uint32_t count = 1 + random_below(source, 6);
    uint32_t known = all->count < MOST_EVENTS ? all->count : MOST_EVENTS;
    for (uint32_t i = 0; i < count; i++) {
        const struct tg_watch_event *event = &all->events[random_below(source, known)].event;
        bool is_physical = random_chance(source, 50);
        uint32_t address = is_physical ? event->paddr : event->vaddr;
        uint32_t first = address + random_below(source, 4) - random_below(source, 4);
        uint32_t more = random_below(source, random_chance(source, 20) ? 5000 : 8);
        watches[i] = (struct tg_watch){.first = first,
                                       .last = first <= UINT32_MAX - more ? first + more : first,
                                       .is_physical = is_physical,
                                       .on_load = random_chance(source, 50)};
        watches[i].on_store = !watches[i].on_load || random_chance(source, 30);
    }
    return count;
}

static struct journal new_journal(struct tg_machine *machine, const struct tg_watch *watches,
                                  uint32_t count)
{
    struct journal journal = {.machine = machine, .watches = watches, .watch_count = count};
    journal.events = calloc(MOST_EVENTS, sizeof *journal.events);
    return journal;
}

/* What the memory observer sees of watched bytes. */
static struct journal observe(uint64_t seed, const struct tg_watch *watches, uint32_t count)
{
    struct tg_machine *machine = guest_machine(seed, "reference");
    struct journal journal = new_journal(machine, watches, count);
    struct tg_observer observer = {.context = &journal, .memory = on_memory};
    ck_assert_int_eq(tg_machine_observe(machine, &observer), TG_OK);
    run(machine, to_step(STEPS));
    tg_machine_destroy(machine);
    return journal;
}

static struct journal watch(uint64_t seed, const char *engine, const struct tg_watch *watches,
                            uint32_t count, struct place *ret_end)
{
    struct tg_machine *machine = guest_machine(seed, engine);
    struct journal journal = new_journal(machine, watches, count);
    struct tg_points points = {
        .context = &journal, .watches = watches, .watch_count = count, .accessed = on_access};
    ck_assert_int_eq(tg_machine_set_points(machine, &points), TG_OK);
    run(machine, to_step(STEPS));
    *ret_end = here(machine);
    tg_machine_destroy(machine);
    return journal;
}

static bool is_by_instruction(const struct tg_watch_event *event)
{
    return !event->is_device && !event->is_frame && !event->is_walk;
}

static bool are_equal(const struct seen_event *a, const struct seen_event *b, bool with_old)
{
    const struct tg_watch_event *x = &a->event, *y = &b->event;
    return a->position.insns == b->position.insns &&
           a->position.interrupts == b->position.interrupts && x->cpu == y->cpu &&
           x->access == y->access && x->pc == y->pc && x->vaddr == y->vaddr &&
           x->paddr == y->paddr && x->bytes == y->bytes && x->value == y->value &&
           x->is_device == y->is_device && x->is_frame == y->is_frame && x->is_walk == y->is_walk &&
           (!with_old || x->old_value == y->old_value);
}

/* The reference engine's journal equals this one's, and its events by instructions those of the
 * memory observer. */
static uint32_t compare_journals(uint64_t seed, const struct journal *observed,
                                 const struct journal *watched, const struct journal *reference)
{
    uint32_t next = 0;
    ck_assert_msg(watched->count == reference->count, "guest %u: %u events, reference has %u",
                  (unsigned)seed, watched->count, reference->count);
    if (watched->count >= MOST_EVENTS)
        return 0;
    for (uint32_t i = 0; i < watched->count; i++) {
        ck_assert_msg(are_equal(&watched->events[i], &reference->events[i], true),
                      "guest %u: event %u differs", (unsigned)seed, i);
        if (!is_by_instruction(&watched->events[i].event))
            continue;
        ck_assert_uint_lt(next, observed->count);
        ck_assert_msg(are_equal(&watched->events[i], &observed->events[next++], false),
                      "guest %u: event %u was not observed", (unsigned)seed, i);
    }
    ck_assert_msg(next == observed->count, "guest %u: %u of %u were seen", (unsigned)seed, next,
                  observed->count);
    return watched->count;
}

START_TEST(watches_see_all_accesses_and_change_nothing)
{
    static const struct tg_watch all = {0, UINT32_MAX, true, true, true};
    uint32_t events = 0;
    for (uint64_t seed = 0; seed < GUESTS; seed++) {
        struct random_source source = {.state = seed + 99};
        struct tg_watch watches[8];
        struct place end, reference_end, free_end, all_end;
        struct journal everything = watch(seed, "reference", &all, 1, &all_end);
        if (everything.count > 0) {
            uint32_t count = choose_watches(watches, &everything, &source);
            struct journal observed = observe(seed, watches, count);
            struct journal watched = watch(seed, ENGINE, watches, count, &end);
            struct journal reference = watch(seed, "reference", watches, count, &reference_end);
            events += compare_journals(seed, &observed, &watched, &reference);
            struct tg_machine *machine = guest_machine(seed, ENGINE);
            run(machine, to_step(STEPS));
            free_end = here(machine);
            tg_machine_destroy(machine);
            check_place(seed, &free_end, &end);
            check_place(seed, &free_end, &reference_end);
            free(observed.events);
            free(watched.events);
            free(reference.events);
        }
        free(everything.events);
    }
    ck_assert_uint_gt(events, 500);
}
END_TEST

/* Stops at each second event. */
static bool stop_sometimes(void *context, const struct tg_watch_event *event)
{
    struct journal *journal = context;
    put_event(journal, event);
    return journal->count % 2 == 0;
}

START_TEST(a_stop_at_a_watch_is_behind_its_step)
{
    static const struct tg_watch all = {0, UINT32_MAX, true, true, true};
    uint32_t stops = 0;
    for (uint64_t seed = 0; seed < GUESTS; seed++) {
        struct random_source source = {.state = seed + 199};
        struct story *story = tell(seed, "reference");
        struct place all_end;
        struct journal everything = watch(seed, "reference", &all, 1, &all_end);
        struct tg_watch watches[8];
        uint32_t count = everything.count ? choose_watches(watches, &everything, &source) : 0;
        struct tg_machine *machine = guest_machine(seed, ENGINE);
        struct journal journal = new_journal(machine, watches, count);
        struct tg_points points = {.context = &journal,
                                   .watches = watches,
                                   .watch_count = count,
                                   .accessed = stop_sometimes};
        ck_assert_int_eq(tg_machine_set_points(machine, &points), TG_OK);
        struct tg_stop stop;
        while (count && (stop = run(machine, to_step(last_step(story)))).reason == TG_STOP_POINT &&
               journal.count < MOST_EVENTS) {
            const struct seen_event *last = &journal.events[journal.count - 1];
            struct tg_position now = tg_machine_position(machine);
            uint64_t steps = tg_position_steps(last->position);
            ck_assert_uint_eq(tg_position_steps(now), last->event.is_device ? steps : steps + 1);
            ck_assert_uint_eq(stop.cpu, last->event.cpu);
            if (tg_position_steps(now) >= last_step(story))
                break;
            if (now.insns == 0 && now.interrupts == 0)
                continue;
            /* and settled it is where it would be without a stop */
            uint32_t before = journal.count;
            while (run(machine, to_step(tg_position_steps(now))).reason == TG_STOP_POINT)
                ck_assert_uint_gt(journal.count, before); /* by a device, in between */
            struct place found = here(machine);
            check_place(seed, &story->places[tg_position_steps(now)], &found);
            stops++;
        }
        tg_machine_destroy(machine);
        free(journal.events);
        free(everything.events);
        free(story);
    }
    ck_assert_uint_gt(stops, 500);
}
END_TEST

/* --- Steps and states from elsewhere -------------------------------------------------------------
 */

START_TEST(steps_survive_snapshots_and_going_back)
{
    for (uint64_t seed = 0; seed < 20; seed++) {
        struct story *story = tell(seed, ENGINE);
        uint32_t middle = last_step(story) / 2;
        if (middle == 0) {
            free(story);
            continue;
        }
        struct tg_machine *machine = guest_machine(seed, ENGINE);
        struct tg_timeline *timeline = tg_timeline_create(machine);
        run(machine, to_step(middle));
        ck_assert_int_eq(tg_timeline_add(timeline, false), TG_OK);
        void *bytes;
        size_t size;
        ck_assert_int_eq(tg_machine_save(machine, &bytes, &size), TG_OK);
        run(machine, to_step(last_step(story)));

        ck_assert_uint_eq(tg_position_steps(tg_timeline_position(timeline, 1)), middle);
        ck_assert_int_eq(tg_timeline_go(timeline, 1), TG_OK);
        for (uint32_t step = middle; step < last_step(story) && step < middle + 100; step++) {
            run(machine, to_step(step));
            struct place found = here(machine);
            check_place(seed, &story->places[step], &found);
        }
        tg_timeline_destroy(timeline);
        tg_machine_destroy(machine);

        ck_assert_int_eq(tg_machine_create(NULL, NULL, &machine, NULL), TG_OK);
        ck_assert_int_eq(tg_machine_load(machine, bytes, size, NULL), TG_OK);
        struct place found = here(machine);
        check_place(seed, &story->places[middle], &found);
        tg_machine_destroy(machine);
        free(bytes);
        free(story);
    }
}
END_TEST

SUITE_MAIN("points", every_step_adds_one_and_the_engines_agree,
           a_place_is_the_same_however_it_is_come_to, every_interrupt_stops_a_run_that_asks_for_it,
           breaks_stop_at_each_of_their_steps_and_change_nothing,
           a_break_that_is_not_passed_is_reported_again,
           watches_see_all_accesses_and_change_nothing, a_stop_at_a_watch_is_behind_its_step,
           steps_survive_snapshots_and_going_back)
