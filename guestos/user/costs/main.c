/*
 * costs: what each way through the kernel costs, in instructions, exactly.
 *
 *     costs                the table
 *     costs NAME...        these rows only
 *     costs -r NAME COUNT  does that COUNT times, for who counts from outside
 *
 * A cost is the least of several rounds: the others had a timer's tick in them. It counts from the first
 * instruction of the crossing itself to the last before the program's next; loading arguments is not
 * in it. Needs one CPU: each CPU counts its own instructions. docs/costs.md walks through the figures.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "costs.h"

static const struct cost_table *const tables[] = {&call_costs, &message_costs, &queue_costs, &work_costs};

#define TABLES (sizeof tables / sizeof tables[0])

static uint32_t measure(const struct cost *cost)
{
    uint32_t least = UINT32_MAX;

    for (unsigned round = 0; round < cost->rounds; round++) {
        uint32_t insns = cost->measure();

        if (insns < least)
            least = insns;
    }
    return least;
}

static const struct cost *find(const char *name)
{
    for (unsigned t = 0; t < TABLES; t++)
        for (unsigned i = 0; i < tables[t]->count; i++)
            if (strcmp(tables[t]->costs[i].name, name) == 0)
                return &tables[t]->costs[i];
    return NULL;
}

static bool is_chosen(const char *name, int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(name, argv[i]) == 0)
            return true;
    return argc == 1;
}

static void prepare(const struct cost *cost)
{
    if (cost->prepare != NULL)
        cost->prepare();
}

static void finish(const struct cost *cost)
{
    if (cost->finish != NULL)
        cost->finish();
}

static int repeat(const char *name, unsigned count)
{
    const struct cost *cost = find(name);
    struct tp_statistics before, after;

    if (cost == NULL) {
        printf("costs: there is no row %s\n", name);
        return 2;
    }
    prepare(cost);
    call(TP_CALL_STATISTICS, ADDRESS(&before), 0, 0);
    for (unsigned i = 0; i < count; i++)
        cost->measure();
    call(TP_CALL_STATISTICS, ADDRESS(&after), 0, 0);
    finish(cost);
    printf("copied %u\n", (unsigned)(after.copied_bytes - before.copied_bytes));
    return 0;
}

static void print_table(int argc, char **argv)
{
    printf("%-24s %8s  %s\n", "name", "insns", "what");
    for (unsigned t = 0; t < TABLES; t++) {
        for (unsigned i = 0; i < tables[t]->count; i++) {
            const struct cost *cost = &tables[t]->costs[i];

            if (!is_chosen(cost->name, argc, argv))
                continue;
            prepare(cost);
            printf("%-24s %8u  %s\n", cost->name, (unsigned)measure(cost), cost->what);
            finish(cost);
        }
    }
}

int main(int argc, char **argv)
{
    if (argc == 4 && strcmp(argv[1], "-r") == 0)
        return repeat(argv[2], (unsigned)atoi(argv[3]));
    for (int i = 1; i < argc; i++) {
        if (find(argv[i]) == NULL) {
            printf("costs: there is no row %s\n", argv[i]);
            return 2;
        }
    }
    print_table(argc, argv);
    return 0;
}
