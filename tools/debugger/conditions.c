/* See conditions.h. */
#include "conditions.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "debugger.h"

void conditions_init(struct points_limits *limits)
{
    *limits = (struct points_limits){.cpu = TG_DEBUG_ANY, .ring = TG_DEBUG_ANY};
}

static bool read_small(struct debugger *d, const char *command, const char *what, const char *word, uint32_t most,
                       uint32_t *ret_number)
{
    uint64_t number;
    if (!args_read_number(word, &number) || number > most)
        return complain(d, "%s: %s \"%s\": expected a number, 0 to %" PRIu32, command, what, word, most);
    *ret_number = (uint32_t)number;
    return true;
}

bool conditions_read(struct debugger *d, const char *command, const char *text, struct points_limits *limits)
{
    struct args args = {.name = command, .at = text};
    char word[ARGS_WORD_BYTES], value[ARGS_WORD_BYTES];
    conditions_init(limits);
    while (args_word(d, &args, word)) {
        if (strcmp(word, "if") == 0) {
            limits->condition = args.at;
            return !args_is_empty(&args) || complain(d, "%s: expected an expression behind \"if\"", command);
        }
        bool is_cpu = strcmp(word, "cpu") == 0 || strcmp(word, "core") == 0 || strcmp(word, "thread") == 0;
        bool is_ring = strcmp(word, "ring") == 0, is_process = strcmp(word, "process") == 0;
        if (!is_cpu && !is_ring && !is_process)
            return complain(d, "%s: did not expect \"%s\"; expected cpu N, ring N, process NAME or if EXPRESSION", command,
                            word);
        if (!args_word(d, &args, value))
            return complain(d, "%s: expected something behind \"%s\"", command, word);
        if (is_cpu && !read_small(d, command, word, value, tg_machine_config(d->machine)->cpus - 1, &limits->cpu))
            return false;
        if (is_ring && !read_small(d, command, word, value, 3, &limits->ring))
            return false;
        if (is_process)
            snprintf(limits->process, sizeof limits->process, "%.63s", value);
    }
    return true;
}

/* --- Being asked ----------------------------------------------------------------------------------------------------------------- */

struct condition {
    struct debugger *d;
    char process[64];
    uint64_t pid;
    bool is_pid;
    struct tg_expression *expression; /* NULL: none */
    struct tg_expression_error error; /* of the last time that it was asked; no text: it could be evaluated */
};

static bool process_fits(const struct condition *condition, uint32_t cpu)
{
    struct tg_guest_process process;
    if (condition->process[0] == '\0')
        return true;
    if (condition->d->guest == NULL || !tg_guest_current(condition->d->guest, cpu, &process))
        return false;
    if (condition->is_pid)
        return process.pid >= 0 && (uint64_t)process.pid == condition->pid;
    return strcmp(process.name, condition->process) == 0;
}

/* A condition that cannot be evaluated holds: the person is to see why. */
static bool holds(void *context, uint32_t cpu)
{
    struct condition *condition = context;
    struct view_moment *moment;
    bool is_true = true;
    if (!process_fits(condition, cpu))
        return false;
    if (condition->expression == NULL || (moment = malloc(sizeof *moment)) == NULL)
        return true;
    view_moment(condition->d, cpu, moment);
    condition->error.text[0] = '\0';
    if (tg_expression_test(condition->expression, &moment->scope.scope, &is_true, &condition->error) != TG_OK)
        is_true = true;
    free(moment);
    return is_true;
}

const char *conditions_failure(const struct tg_debug_point *point)
{
    const struct condition *condition = point->condition.holds == holds ? point->condition.context : NULL;
    return condition != NULL && condition->error.text[0] != '\0' ? condition->error.text : NULL;
}

static void destroy(void *context)
{
    struct condition *condition = context;
    tg_expression_destroy(condition->expression);
    free(condition);
}

bool conditions_make(struct debugger *d, const char *command, const struct points_limits *limits,
                     struct tg_debug_condition *ret_condition)
{
    struct tg_expression_error error;
    *ret_condition = (struct tg_debug_condition){0};
    if (limits->process[0] == '\0' && limits->condition == NULL)
        return true;
    struct condition *condition = calloc(1, sizeof *condition);
    if (condition == NULL)
        return complain(d, "%s: not enough memory", command);
    condition->d = d;
    snprintf(condition->process, sizeof condition->process, "%s", limits->process);
    condition->is_pid = args_read_number(limits->process, &condition->pid);
    if (limits->condition != NULL) {
        int result = tg_expression_compile(limits->condition, strlen(limits->condition), view_scope(d),
                                           &condition->expression, &error);
        if (result != TG_OK) {
            free(condition);
            return complain(d, "%s: %s", command, result == TG_E_NOMEM ? "not enough memory" : error.text);
        }
    }
    *ret_condition = (struct tg_debug_condition){condition, holds, destroy};
    return true;
}
