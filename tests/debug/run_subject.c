/* See subject.h. */
#include "subject.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_PLACES 32

void *read_file(const char *path, size_t *ret_size)
{
    FILE *file = fopen(path, "rb");
    ck_assert_msg(file != NULL, "%s cannot be opened", path);
    ck_assert_int_eq(fseek(file, 0, SEEK_END), 0);
    long size = ftell(file);
    ck_assert_int_gt(size, 0);
    rewind(file);
    char *bytes = malloc((size_t)size);
    ck_assert_ptr_nonnull(bytes);
    *ret_size = fread(bytes, 1, (size_t)size, file);
    fclose(file);
    return bytes;
}

struct tg_program *open_program(const char *path)
{
    struct tg_program *program;
    struct tg_error error;
    size_t size;
    void *bytes = read_file(path, &size);
    const char *slash = strrchr(path, '/');
    int result = tg_program_open(bytes, size, slash != NULL ? slash + 1 : path, &program, &error);
    ck_assert_msg(result == TG_OK, "%s", error.text);
    free(bytes);
    return program;
}

unsigned line_of(const char *path, const char *words)
{
    char line[512];
    unsigned number = 1;
    FILE *file = fopen(path, "r");
    ck_assert_msg(file != NULL, "%s cannot be opened", path);
    while (fgets(line, sizeof line, file) != NULL && strstr(line, words) == NULL)
        number++;
    ck_assert_msg(strstr(line, words) != NULL, "%s has no line with \"%s\"", path, words);
    fclose(file);
    return number;
}

/* --- A machine -------------------------------------------------------------------------------- */

void subject_open(struct subject *subject, const char *path)
{
    struct tg_error error;
    size_t size;
    void *bytes = read_file(path, &size);
    memset(subject, 0, sizeof *subject);
    subject->program = open_program(path);
    ck_assert_msg(tg_machine_create(NULL, NULL, &subject->machine, &error) == TG_OK, "%s",
                  error.text);
    ck_assert_msg(tg_machine_load_image(subject->machine, bytes, size, &error) == TG_OK, "%s",
                  error.text);
    free(bytes);
    subject->source.machine = subject->machine;
    subject->source.kernel = subject->program;
}

void subject_close(struct subject *subject)
{
    tg_program_close(subject->program);
    tg_machine_destroy(subject->machine);
}

static void select_frame(struct subject *subject)
{
    tg_scope_of_frame(&subject->source.source, &subject->frame, NULL, 0, &subject->scope);
}

static bool stop(void *context, uint32_t cpu, uint32_t pc)
{
    (void)context;
    (void)cpu;
    (void)pc;
    return true;
}

void subject_run_to(struct subject *subject, const char *place)
{
    struct tg_location locations[MAX_PLACES];
    struct tg_error error = {""};
    uint32_t addresses[MAX_PLACES];
    size_t count = tg_program_locate(subject->program, place, 0, locations, MAX_PLACES, &error);
    ck_assert_msg(count != 0 && count <= MAX_PLACES, "%s: %s", place, error.text);
    for (size_t i = 0; i < count; i++)
        addresses[i] = locations[i].address;
    struct tg_points points = {.breaks = addresses, .break_count = count, .reached = stop};
    struct tg_run_limits limits = {
        .until = {tg_machine_position(subject->machine).insns + 50000000, TG_NO_LIMIT}};
    struct tg_stop stopped;
    ck_assert_int_eq(tg_machine_set_points(subject->machine, &points), TG_OK);
    tg_machine_pass_break(subject->machine);
    tg_machine_run(subject->machine, &limits, &stopped);
    ck_assert_msg(stopped.reason == TG_STOP_POINT, "%s is not reached: stop %d", place,
                  (int)stopped.reason);
    tg_unwind_machine(&subject->source);
    tg_unwind_first(&subject->source.source, &subject->frame);
    select_frame(subject);
}

bool subject_up(struct subject *subject)
{
    if (tg_unwind_outer(&subject->source.source, &subject->frame, &subject->frame) !=
        TG_UNWIND_MORE)
        return false;
    select_frame(subject);
    return true;
}

void subject_select(struct subject *subject, const char *function)
{
    tg_unwind_first(&subject->source.source, &subject->frame);
    select_frame(subject);
    while (subject->frame.function == NULL || strcmp(subject->frame.function, function) != 0)
        ck_assert_msg(subject_up(subject), "no frame of %s", function);
}

/* --- Expressions ------------------------------------------------------------------------------ */

const char *text_as(struct subject *subject, const char *text,
                    const struct tg_format_options *options)
{
    static char result[4096];
    struct tg_expression *expression = NULL;
    struct tg_expression_error error = {0, 0, ""};
    struct tg_value value;
    const struct tg_scope *scope = &subject->scope.scope;
    int code = tg_expression_compile(text, strlen(text), scope, &expression, &error);
    if (code == TG_OK)
        code = tg_expression_evaluate(expression, scope, &value, &error);
    if (code == TG_OK)
        tg_value_format(scope, &value, options, result, sizeof result);
    else
        snprintf(result, sizeof result, "column %u: %s", error.column, error.text);
    tg_expression_destroy(expression);
    return result;
}

const char *text_of(struct subject *subject, const char *expression)
{
    return text_as(subject, expression, NULL);
}
