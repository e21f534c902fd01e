/*
 * paths KERNEL DISK "BOOT WORDS": runs Turnpike and measures what no program in it can see: how many instructions lie
 * between an entry and the first of the C function that handles it, between an interrupt and the first instruction of
 * a driver in ring 1, and in a switch of tasks inside a service; and through which functions each call goes. Prints the
 * least of all that happened.
 * Needs one CPU. tests/guestos/system/test_costs.py compares it with a golden file.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tollgate.h"

#define VECTORS 256
#define FIRST_DEVICE 34 /* vector; those below are the timer and messages between CPUs */
#define NEVER   UINT64_MAX

#define CALLS     128
#define STEPS     64
#define CALL_GATE 64 /* TP_VECTOR_CALL */
#define A7        17

/* The way of one call: instructions in one function after the other, from the trap to the return to ring 3. */
struct walk {
    uint64_t insns;
    unsigned steps;
    struct {
        const char *name;
        uint64_t insns;
    } step[STEPS];
};

struct paths {
    struct tg_machine *machine;
    uint64_t insns;                 /* completed so far */
    uint64_t entered;               /* at the last entry from a process, the idle one included */
    uint32_t vector, handler;       /* of that one */
    bool is_before_c;               /* between an entry and C */
    bool is_interrupt;              /* between an interrupt and the return from it */
    bool has_program;               /* which a program was running at */
    uint64_t task_begin;            /* inside the tasks' switch: since when */
    uint64_t to_c[VECTORS];         /* the least, by vector */
    uint64_t to_driver[2][VECTORS]; /* of an idle CPU; in place of a program */
    uint64_t task_switch;
    struct walk walk, least[CALLS]; /* the one under way, with is_walking; the least, by call */
    uint32_t call;
    bool is_walking;
};

static void take_least(uint64_t *least, uint64_t value)
{
    if (value < *least)
        *least = value;
}

/* The handler is assembly in one piece, which ends by calling C: the first instruction that has another symbol. */
static void note_c(struct paths *paths, uint32_t pc)
{
    uint32_t offset = 0, handler_offset = 0;
    const char *name = tg_machine_symbol(paths->machine, pc, &offset);
    const char *handler = tg_machine_symbol(paths->machine, paths->handler, &handler_offset);

    if (name == NULL || handler == NULL || strcmp(name, handler) == 0)
        return;
    paths->is_before_c = false;
    if (offset == 0)
        take_least(&paths->to_c[paths->vector], paths->insns - 1 - paths->entered);
}

static void note_step(struct paths *paths, uint32_t pc)
{
    struct walk *walk = &paths->walk;
    uint32_t offset;
    const char *name = pc < 0xc0000000u ? "outside" : tg_machine_symbol(paths->machine, pc, &offset);

    if (name == NULL)
        name = "?";
    if (walk->steps == 0 || strcmp(walk->step[walk->steps - 1].name, name) != 0) {
        if (walk->steps == STEPS) {
            paths->is_walking = false;
            return;
        }
        walk->step[walk->steps].name = name;
        walk->step[walk->steps++].insns = 0;
    }
    walk->step[walk->steps - 1].insns++;
    walk->insns++;
}

static void on_retire(void *context, uint32_t cpu, uint32_t pc, uint32_t word)
{
    struct paths *paths = context;
    uint32_t offset = 0;
    const char *name;

    (void)cpu, (void)word;
    paths->insns++;
    if (paths->is_walking)
        note_step(paths, pc);
    if (paths->is_before_c)
        note_c(paths, pc);
    if (pc < 0xc0000000u && paths->task_begin == NEVER)
        return;
    name = tg_machine_symbol(paths->machine, pc, &offset);
    if (name != NULL && strcmp(name, "task_switch") == 0) {
        if (offset == 0)
            paths->task_begin = paths->insns - 1;
    } else if (paths->task_begin != NEVER) {
        take_least(&paths->task_switch, paths->insns - 1 - paths->task_begin);
        paths->task_begin = NEVER;
    }
}

static void on_entry(void *context, const struct tg_entry_event *event)
{
    struct paths *paths = context;

    /* ring 0 has its interrupts off but in the idle process */
    if (event->from_ring == 0 && event->kind != TG_ENTRY_INTERRUPT)
        return;
    paths->entered = paths->insns;
    paths->vector = event->vector;
    paths->handler = event->handler;
    paths->is_before_c = true;
    paths->is_interrupt = event->kind == TG_ENTRY_INTERRUPT;
    paths->has_program = event->from_ring == 3;
    paths->is_walking = paths->is_walking && event->kind == TG_ENTRY_TRAP; /* without interrupts in between */
    if (event->vector == CALL_GATE && event->from_ring == 3) {
        struct tg_cpu_view view;

        tg_machine_cpu(paths->machine, event->cpu, &view);
        paths->call = view.x[A7];
        paths->is_walking = paths->call < CALLS;
        paths->walk.insns = paths->walk.steps = 0;
    }
}

static void on_leave(void *context, const struct tg_return_event *event)
{
    struct paths *paths = context;

    if (paths->is_interrupt && event->to_ring == 1)
        take_least(&paths->to_driver[paths->has_program][paths->vector],
                   paths->insns + 1 - paths->entered); /* with the iret */
    paths->is_interrupt = false;
    paths->is_before_c = false;
    if (event->to_ring == 3 && paths->is_walking) {
        note_step(paths, event->pc); /* the iret, which has not been told of yet */
        if (paths->walk.insns < paths->least[paths->call].insns)
            paths->least[paths->call] = paths->walk;
        paths->is_walking = false;
    }
}

static void *read_file(const char *path, size_t *ret_size)
{
    FILE *stream = fopen(path, "rb");
    long size;
    void *bytes;

    if (stream == NULL || fseek(stream, 0, SEEK_END) != 0 || (size = ftell(stream)) < 0) {
        fprintf(stderr, "paths: %s: cannot be read\n", path);
        exit(2);
    }
    rewind(stream);
    bytes = malloc((size_t)size);
    if (bytes == NULL || fread(bytes, 1, (size_t)size, stream) != (size_t)size)
        exit(2);
    fclose(stream);
    *ret_size = (size_t)size;
    return bytes;
}

static void print_least(const char *what, uint32_t number, uint64_t insns)
{
    if (insns != NEVER)
        printf("%s-%" PRIu32 " %" PRIu64 "\n", what, number, insns);
}

static void print_walk(uint32_t call, const struct walk *walk)
{
    if (walk->insns == NEVER)
        return;
    printf("walk-%" PRIu32 " %" PRIu64 ":", call, walk->insns);
    for (unsigned i = 0; i < walk->steps; i++)
        printf("%s %s %" PRIu64, i == 0 ? "" : ",", walk->step[i].name, walk->step[i].insns);
    printf("\n");
}

static void run(struct paths *paths, char **argv)
{
    struct tg_config config = {.boot_words = argv[3]};
    struct tg_observer observer = {.context = paths, .retire = on_retire, .entry = on_entry, .leave = on_leave};
    struct tg_run_limits limits = {.until = {.insns = 200000000, .time = TG_NO_LIMIT}};
    struct tg_error error = {""};
    struct tg_stop stop;
    size_t kernel_size, disk_size;
    void *kernel = read_file(argv[1], &kernel_size), *disk = read_file(argv[2], &disk_size);

    if (tg_machine_create(&config, NULL, &paths->machine, &error) != 0 ||
        tg_machine_load_image(paths->machine, kernel, kernel_size, &error) != 0 ||
        tg_machine_attach_disk(paths->machine, disk, disk_size, &error) != 0 ||
        tg_machine_observe(paths->machine, &observer) != 0) {
        fprintf(stderr, "paths: %s\n", error.text);
        exit(2);
    }
    tg_machine_run(paths->machine, &limits, &stop);
    if (stop.reason != TG_STOP_POWER_OFF || stop.status != 0) {
        fprintf(stderr, "paths: the run did not end well\n");
        exit(1);
    }
    free(kernel);
    free(disk);
}

int main(int argc, char **argv)
{
    static struct paths paths;

    if (argc != 4) {
        fprintf(stderr, "usage: paths KERNEL DISK BOOT-WORDS\n");
        return 2;
    }
    paths.task_switch = paths.task_begin = NEVER;
    for (uint32_t i = 0; i < VECTORS; i++)
        paths.to_c[i] = paths.to_driver[0][i] = paths.to_driver[1][i] = NEVER;
    for (uint32_t i = 0; i < CALLS; i++)
        paths.least[i].insns = NEVER;
    run(&paths, argv);
    for (uint32_t i = 0; i < VECTORS; i++)
        print_least("entry-to-c", i, paths.to_c[i]);
    for (uint32_t i = FIRST_DEVICE; i < VECTORS; i++) {
        print_least("interrupt-to-driver", i, paths.to_driver[0][i]);
        print_least("program-to-driver", i, paths.to_driver[1][i]);
    }
    if (paths.task_switch != NEVER)
        printf("task-switch %" PRIu64 "\n", paths.task_switch);
    for (uint32_t i = 0; i < CALLS; i++)
        print_walk(i, &paths.least[i]);
    tg_machine_destroy(paths.machine); /* the names were its own */
    return 0;
}
