/*
 * Expressions: any text is refused with a line that names a column of it, or is evaluated to a
 * value that has a text, or to a line again. The program around is a real one; nothing is ever
 * written.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "debug/expression.h"
#include "debug/unwind.h"
#include "fuzz.h"

static const char *const seeds[] = {
    "first.next->table[1][2] * -3 + (counter << 2)",
    "*(struct node *)&last",
    "*numbers @ 12 == \"text\"",
    "(char)word_of_assembly ? $pc : phys:0x1000",
    "bits.second += 0x1f % sizeof(struct bits)",
    "((u8 *)0x1000)[a0 & 3] != 'x' || !truth && ~wide",
    "$mine = real / single - 1.5e3",
    "statics::calls, 'subject.c'::file_static, subject.c::file_static",
    "operations[1] == multiply ? BLUE : (enum colour)7",
    "&first.at.y - &first.at.x > 2147483648ull >> 1",
    "mixed.bytes[3] ^ \"\\x41\\101\\n\" | ptroot",
};

size_t fuzz_seed(unsigned index, uint8_t *bytes)
{
    if (index >= sizeof seeds / sizeof *seeds)
        return 0;
    memcpy(bytes, seeds[index], strlen(seeds[index]));
    return strlen(seeds[index]);
}

static bool read_memory(void *context, uint32_t vaddr, void *bytes, size_t count)
{
    return tg_program_read(context, vaddr, bytes, count);
}

static bool read_register(void *context, unsigned number, uint32_t *ret_value)
{
    (void)context;
    *ret_value = 0x3000 + number * 8;
    return number != 7;
}

static struct tg_program *open_subject(void)
{
    struct tg_program *program;
    struct tg_error error;
    uint8_t *bytes = malloc(FUZZ_MAX_BYTES);
    FILE *file = fopen(SUBJECT_O2, "rb");
    if (file == NULL || bytes == NULL)
        fuzz_fail("%s cannot be read", SUBJECT_O2);
    size_t size = fread(bytes, 1, FUZZ_MAX_BYTES, file);
    fclose(file);
    if (tg_program_open(bytes, size, "subject", &program, &error) != TG_OK)
        fuzz_fail("%s", error.text);
    free(bytes);
    return program;
}

static void check_error(const struct tg_expression_error *error, size_t size)
{
    if (error->text[0] == '\0' || memchr(error->text, '\0', sizeof error->text) == NULL)
        fuzz_fail("an error without a text");
    if (error->column == 0 || error->column - 1 + error->length > size)
        fuzz_fail("column %u, length %u of a text of %zu: %s", error->column, error->length, size,
                  error->text);
}

static void evaluate(struct tg_expression *expression, const struct tg_scope *scope, size_t size)
{
    struct tg_expression_error error = {0, 0, ""};
    struct tg_value value;
    char text[200];
    uint8_t bytes[TG_VALUE_BYTES];
    size_t count;
    bool is_true;
    if (tg_expression_evaluate(expression, scope, &value, &error) == TG_OK) {
        for (const char *letter = "xdutoacsf"; *letter != '\0'; letter++) {
            struct tg_format_options options = {.letter = *letter};
            tg_value_format(scope, &value, &options, text, sizeof text);
        }
        if (strlen(text) >= sizeof text)
            fuzz_fail("a text without an end");
        if (tg_value_store(scope, &value, &value, bytes, &count) && count > sizeof bytes)
            fuzz_fail("%zu bytes to store", count);
    } else {
        check_error(&error, size);
    }
    tg_expression_test(expression, scope, &is_true, &error);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static struct tg_program *program;
    struct tg_expression_error error = {0, 0, ""};
    struct tg_expression *expression = NULL;
    struct tg_program_symbol symbol = {0};
    size_t used;
    if (program == NULL)
        program = open_subject();
    tg_program_symbol(program, "locals", &symbol);
    struct tg_scope scope = {.context = program,
                             .read_memory = read_memory,
                             .read_physical = read_memory,
                             .read_register = read_register,
                             .program = program,
                             .pc = symbol.address + 16,
                             .lookup = symbol.address + 16};
    if (tg_expression_compile((const char *)bytes, size, &scope, &expression, &error) == TG_OK) {
        evaluate(expression, &scope, size);
        tg_expression_destroy(expression);
    } else if (size <= TG_EXPRESSION_MAX_BYTES) {
        check_error(&error, size);
    }
    if (tg_expression_compile_part((const char *)bytes, size, NULL, &expression, &used, NULL) ==
        TG_OK) {
        if (used > size)
            fuzz_fail("%zu bytes used of %zu", used, size);
        tg_expression_destroy(expression);
    }
    return 0;
}
