/*
 * What the debugger costs: bench-history KERNEL DISK BOOT_WORDS INSNS [TIMES]. Runs so many
 * instructions of a guest with and without a debugger, by turns, then goes backwards. Prints
 * processor time: medians of so many turns (default 5). The digests of both runs have to be equal.
 */
#define _POSIX_C_SOURCE 200809L
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "debug/debug.h"

#define MOST_TIMES 31
#define STEPS_BACK 40

static double processor_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void *read_file(const char *path, size_t *ret_size)
{
    FILE *file = fopen(path, "rb");
    if (!file) {
        fprintf(stderr, "bench-history: cannot open %s\n", path);
        exit(2);
    }
    fseek(file, 0, SEEK_END);
    *ret_size = (size_t)ftell(file);
    rewind(file);
    void *bytes = malloc(*ret_size + 1);
    if (!bytes || fread(bytes, 1, *ret_size, file) != *ret_size)
        exit(1);
    fclose(file);
    return bytes;
}

static struct tg_machine *boot(char **argv)
{
    const struct tg_config config = {.boot_words = argv[3]};
    struct tg_machine *machine;
    struct tg_error error;
    size_t kernel_bytes, disk_bytes;
    void *kernel = read_file(argv[1], &kernel_bytes), *disk = read_file(argv[2], &disk_bytes);
    if (tg_machine_create(&config, NULL, &machine, &error) != TG_OK ||
        tg_machine_load_image(machine, kernel, kernel_bytes, &error) != TG_OK ||
        tg_machine_attach_disk(machine, disk, disk_bytes, &error) != TG_OK) {
        fprintf(stderr, "bench-history: %s\n", error.text);
        exit(2);
    }
    free(kernel);
    free(disk);
    return machine;
}

static double run_plain(char **argv, uint64_t insns, uint64_t *ret_digest)
{
    struct tg_machine *machine = boot(argv);
    const struct tg_run_limits limits = {.until = {insns, TG_NO_LIMIT}, .is_settled = true};
    struct tg_stop stop;
    double begin = processor_seconds();
    tg_machine_run(machine, &limits, &stop);
    double seconds = processor_seconds() - begin;
    *ret_digest = tg_machine_digest(machine);
    tg_machine_destroy(machine);
    return seconds;
}

static struct tg_debug *begin_debug(struct tg_machine *machine)
{
    struct tg_debug *debug;
    if (tg_debug_create(machine, NULL, &debug, NULL) != TG_OK)
        exit(1);
    return debug;
}

static double go(struct tg_debug *debug, const struct tg_debug_command *command,
                 struct tg_debug_stop *ret_stop)
{
    struct tg_error error;
    double begin = processor_seconds();
    if (tg_debug_go(debug, command, ret_stop, &error) != TG_OK) {
        fprintf(stderr, "bench-history: %s\n", error.text);
        exit(1);
    }
    return processor_seconds() - begin;
}

static double run_debugged(struct tg_debug *debug, uint64_t insns)
{
    const struct tg_debug_command command = {
        .kind = TG_DEBUG_CONTINUE, .cpu = TG_DEBUG_ANY, .until_insns = insns};
    struct tg_debug_stop stop;
    return go(debug, &command, &stop);
}

static int compare(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static double median(double *values, unsigned count)
{
    qsort(values, count, sizeof *values, compare);
    return values[count / 2];
}

/* From the present, and from places all over the past. */
static void step_back(struct tg_debug *debug, uint64_t insns)
{
    const struct tg_debug_command back = {
        .kind = TG_DEBUG_STEPI, .is_reverse = true, .cpu = TG_DEBUG_ANY};
    struct tg_debug_stop stop;
    double first = go(debug, &back, &stop), second = go(debug, &back, &stop), worst = 0, sum = 0;
    for (unsigned i = 0; i < STEPS_BACK; i++) {
        const struct tg_debug_target target = {.kind = TG_DEBUG_TO_INSNS,
                                               .value = insns / STEPS_BACK * i + insns / 97};
        tg_debug_goto(debug, &target, &stop, NULL);
        double seconds = go(debug, &back, &stop);
        sum += seconds;
        worst = seconds > worst ? seconds : worst;
    }
    printf("step back: from the present %.2f ms, once more %.2f ms; in the past %.2f ms, at worst "
           "%.2f ms\n",
           1e3 * first, 1e3 * second, 1e3 * sum / STEPS_BACK, 1e3 * worst);
}

/* Over everything, to a breakpoint that was reached at the beginning only: the entry of the image.
 */
static void continue_back(struct tg_debug *debug, uint32_t entry)
{
    const struct tg_debug_command back = {
        .kind = TG_DEBUG_CONTINUE, .is_reverse = true, .cpu = TG_DEBUG_ANY};
    const struct tg_debug_target end = {.kind = TG_DEBUG_TO_END};
    struct tg_debug_point point = {
        .kind = TG_DEBUG_POINT_BREAK, .addresses = {entry}, .address_count = 1, .is_enabled = true};
    struct tg_debug_stop stop;
    uint32_t number;
    tg_debug_filter_init(&point.filter);
    tg_debug_goto(debug, &end, &stop, NULL);
    uint64_t steps = tg_debug_steps(&stop.place);
    if (tg_debug_point_add(debug, &point, &number, NULL) != TG_OK)
        exit(1);
    double seconds = go(debug, &back, &stop);
    printf("reverse-continue over %" PRIu64 " steps: %.2f s, to step %" PRIu64 "\n",
           steps - tg_debug_steps(&stop.place), seconds, tg_debug_steps(&stop.place));
}

int main(int argc, char **argv)
{
    double plain[MOST_TIMES], debugged[MOST_TIMES];
    if (argc < 5) {
        fprintf(stderr, "usage: bench-history KERNEL DISK BOOT_WORDS INSNS [TIMES]\n");
        return 2;
    }
    uint64_t insns = strtoull(argv[4], NULL, 10);
    unsigned times = argc > 5 ? (unsigned)strtoul(argv[5], NULL, 10) : 5;
    times = times < 1 ? 1 : times > MOST_TIMES ? MOST_TIMES : times;
    for (unsigned i = 0; i < times; i++) {
        uint64_t digest;
        struct tg_cpu_view start;
        struct tg_machine *machine = boot(argv);
        tg_machine_cpu(machine, 0, &start);
        struct tg_debug *debug = begin_debug(machine);
        debugged[i] = run_debugged(debug, insns);
        plain[i] = run_plain(argv, insns, &digest);
        if (digest != tg_machine_digest(machine)) {
            fprintf(stderr, "bench-history: the digests differ\n");
            return 1;
        }
        if (i + 1 == times) {
            struct tg_debug_history history;
            double without = median(plain, times), with = median(debugged, times);
            printf("%" PRIu64 " instructions: %.3f s without, %.3f s with a debugger: %+.2f %%\n",
                   insns, without, with, 100 * (with / without - 1));
            tg_debug_history(debug, &history);
            printf("history: %zu checkpoints, %.1f MiB, longest gap %" PRIu64 " steps\n",
                   history.checkpoints, (double)history.bytes / 1048576, history.longest_gap);
            step_back(debug, insns);
            continue_back(debug, start.pc);
        }
        tg_debug_destroy(debug);
        tg_machine_destroy(machine);
    }
    return 0;
}
