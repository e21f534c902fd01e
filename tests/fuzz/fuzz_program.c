/*
 * Programs with debug information: any bytes are refused with a line of text, or answer every
 * question without a fault, in bounded time, with texts that end.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "debug/expression.h"
#include "debug/program.h"
#include "debug/unwind.h"
#include "fuzz.h"

size_t fuzz_seed(unsigned index, uint8_t *bytes)
{
    static const char *const paths[] = {SUBJECT_O0, SUBJECT_O2, SUBJECT_O2_DWARF4};
    FILE *file = index < 3 ? fopen(paths[index], "rb") : NULL;
    if (index < 3 && file == NULL)
        fuzz_fail("%s cannot be opened", paths[index]);
    size_t size = file != NULL ? fread(bytes, 1, FUZZ_MAX_BYTES, file) : 0;
    if (file != NULL)
        fclose(file);
    return size;
}

/* --- A guest whose memory is the program's file ----------------------------------------------- */

static bool read_memory(void *context, uint32_t vaddr, void *bytes, size_t count)
{
    return tg_program_read(context, vaddr, bytes, count);
}

static bool read_creg(void *context, unsigned number, uint32_t *ret_value)
{
    (void)context;
    *ret_value = number == TG_CR_VBASE ? 0x1000 : 0x3000;
    return true;
}

static struct tg_program *program_at(void *context, uint32_t pc, uint32_t ring)
{
    (void)pc;
    (void)ring;
    return context;
}

/* --- Questions -------------------------------------------------------------------------------- */

static void check_text(const char *text, size_t room)
{
    if (memchr(text, '\0', room) == NULL)
        fuzz_fail("a text without an end");
}

static bool take_variable(void *context, const struct tg_variable *variable)
{
    char text[256];
    tg_value_format(context, &variable->value, NULL, text, sizeof text);
    check_text(text, sizeof text);
    tg_type_describe(variable->value.type, text, sizeof text);
    check_text(text, sizeof text);
    return true;
}

static void evaluate(const struct tg_scope *scope, const char *words)
{
    struct tg_expression *expression;
    struct tg_value value;
    char text[300];
    if (tg_expression_compile(words, strlen(words), scope, &expression, NULL) != TG_OK)
        return;
    if (tg_expression_evaluate(expression, scope, &value, NULL) == TG_OK) {
        tg_value_format(scope, &value, NULL, text, sizeof text);
        check_text(text, sizeof text);
    }
    tg_expression_destroy(expression);
}

static void ask_frames(struct tg_program *program, uint32_t pc)
{
    struct tg_unwind_source source = {.context = program,
                                      .read_memory = read_memory,
                                      .read_physical = read_memory,
                                      .read_creg = read_creg,
                                      .program_at = program_at,
                                      .pc = pc};
    struct tg_frame frame;
    for (unsigned i = 0; i < 32; i++)
        source.x[i] = 0x3000 + 4 * i;
    tg_unwind_first(&source, &frame);
    for (unsigned i = 0; i < 20; i++) {
        struct tg_frame_scope scope;
        tg_scope_of_frame(&source, &frame, NULL, 0, &scope);
        tg_scope_variables(&scope.scope, take_variable, &scope.scope);
        evaluate(&scope.scope, "first.next->name == \"last\" || argument + local");
        evaluate(&scope.scope, "point.x + statics::calls * bits.second");
        if (tg_unwind_outer(&source, &frame, &frame) != TG_UNWIND_MORE)
            break;
    }
}

static bool take_name(void *context, const char *name)
{
    (void)name;
    return --*(unsigned *)context != 0;
}

static void ask_names(struct tg_program *program)
{
    static const char *const places[] = {
        "main", "add+4", "subject.c:70", "subject.c:add", "squared", "no_such_symbol", "25"};
    static const char *const types[] = {"struct node", "point_t", "enum colour", "union word",
                                        "unsigned int"};
    struct tg_location locations[16];
    struct tg_error error;
    struct tg_type type;
    unsigned left = 100;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        tg_program_locate(program, places[i], 0x1100, locations, 16, &error);
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        char text[500];
        if (!tg_type_by_name(program, types[i], strlen(types[i]), &type))
            continue;
        tg_type_describe(type, text, sizeof text);
        check_text(text, sizeof text);
    }
    tg_program_complete(program, "s", take_name, &left);
    for (size_t i = 0; i < 50 && tg_program_file(program, i) != NULL; i++)
        continue;
}

static void ask_addresses(struct tg_program *program)
{
    struct tg_program_symbol symbol;
    struct tg_line_span span;
    struct tg_function function;
    struct tg_inlined inlined[4];
    for (uint32_t address = 0x1000; address < 0x1900; address += 52) {
        if (tg_program_line_at(program, address, &span) &&
            (address < span.first || address >= span.end || span.line == 0))
            fuzz_fail("line %u is at [0x%x, 0x%x), not at 0x%x", span.line, span.first, span.end,
                      address);
        tg_program_function_at(program, address, &function);
        tg_program_symbol_at(program, address, &symbol, NULL);
        tg_program_inlined(program, address, inlined, 4);
        ask_frames(program, address);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct tg_program *program = NULL;
    struct tg_error error = {""};
    struct tg_program_facts facts;
    int result = tg_program_open(bytes, size, "fuzz", &program, &error);
    if (result != TG_OK) {
        if (error.text[0] == '\0' || program != NULL)
            fuzz_fail("refused without a text");
        return 0;
    }
    tg_program_facts(program, &facts);
    struct tg_memory memory = {program, read_memory};
    tg_program_matches(program, &memory, NULL);
    ask_names(program);
    ask_addresses(program);
    tg_program_close(program);
    return 0;
}
