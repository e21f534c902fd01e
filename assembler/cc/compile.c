/* From a source to an object: the compiler, or the assembler, and the rewriter. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cc/cc.h"
#include "common/files.h"
#include "retarget/retarget.h"

/* Complaints of the rewriter that are printed. */
#define MOST_COMPLAINTS 25

/* --- The rewriter
 * ----------------------------------------------------------------------------------- */

static void print_complaint(void *context, const char *line)
{
    size_t *count = context;

    if (++*count <= MOST_COMPLAINTS)
        cc_fail("%s", line);
}

bool cc_retarget(const char *from, const char *name, const char *to, bool without_debug)
{
    size_t count = 0, size;
    const struct tg_retarget_options options = {print_complaint, &count, without_debug};
    struct file_bytes file;
    uint8_t *bytes = NULL;
    bool is_done;

    if (!file_read("object", from, TG_OBJ_MAX_BYTES, &file))
        return false;
    is_done = tg_retarget_file(file.bytes, file.size, name, &options, &bytes, &size) == 0 &&
              file_write("object", to, bytes, size);
    if (count > MOST_COMPLAINTS)
        cc_fail("and %zu more", count - MOST_COMPLAINTS);
    free(bytes);
    free(file.bytes);
    return is_done;
}

/* --- The compiler
 * ----------------------------------------------------------------------------------- */

static void add_list(struct words *command, const char *const *list)
{
    for (; *list; list++)
        words_add(command, *list);
}

static void add_folder(struct words *command, const char *option, const char *folder)
{
    words_add(command, option);
    words_add(command, folder);
}

/* Text that the preprocessor has seen; the compiler wonders about headers for it. */
static bool is_preprocessed(const struct cc_input *input)
{
    const char *dot = strrchr(input->name, '.');

    return input->language ? strcmp(input->language, "cpp-output") == 0
                           : dot && strcmp(dot, ".i") == 0;
}

/* Begins a command of the compiler; input: what it is for, or NULL. */
static void add_compiler(const struct cc_arguments *arguments, const struct cc_input *input,
                         struct words *command)
{
    static const char *const first[] = {"--target=riscv32-unknown-elf",
                                        "-march=rv32ima",
                                        "-mabi=ilp32",
                                        "-D__TG32__=1",
                                        "-nostdlibinc",
                                        NULL};
    /* Code that is linked once and does not move, with nothing left for a linker to shorten:
     * whatever the user's options, which are meant for other systems too, say. */
    static const char *const last[] = {"-mno-relax",   "-fno-pic",         "-ftls-model=local-exec",
                                       "-fno-addrsig", "-gno-split-dwarf", NULL};
    const char *compiler = getenv("TG_CLANG");

    words_add(command, compiler && *compiler ? compiler : "clang");
    add_list(command, first);
    words_add_all(command, &arguments->compile);
    add_list(command, last);
    if (arguments->system != CC_BARE)
        words_add(command, "-D__turnpike__=1");
    if (arguments->has_no_include || (input && is_preprocessed(input)))
        return;
    add_folder(command, "-isystem", cc_own_path("assembler/include"));
    if (arguments->system != CC_BARE)
        add_folder(command, "-isystem", cc_own_path("guestos/include"));
    if (arguments->system == CC_TURNPIKE_SMALL)
        add_folder(command, "-isystem", cc_own_path("guestos/include/libc"));
    else if (cc_has_libc_headers())
        add_folder(command, "-isystem", cc_libc_headers());
    /* The machine's tables, which tg32.h includes. */
    add_folder(command, "-idirafter", cc_own_path("emu"));
}

static bool run_compiler(const struct cc_arguments *arguments, const struct words *command)
{
    if (cc_run(command, arguments->is_verbose))
        return true;
    if (!arguments->has_no_include && arguments->system != CC_TURNPIKE_SMALL &&
        !cc_has_libc_headers())
        cc_fail("note: there are no headers of a C library; apt-get install " CC_LIBC_PACKAGE);
    return false;
}

/* The name of a file that is made of a source when no name was given: in this folder, with another
 * ending. */
static const char *derived_name(const char *source, const char *ending)
{
    const char *slash = strrchr(source, '/');
    const char *name = slash ? slash + 1 : source;
    const char *dot = strrchr(name, '.');

    return cc_format("%.*s%s", (int)(dot && dot != name ? dot - name : (long)strlen(name)), name,
                     ending);
}

static size_t count_sources(const struct cc_arguments *arguments)
{
    size_t count = 0;

    for (size_t i = 0; i < arguments->input_count; i++)
        count += arguments->inputs[i].kind < CC_OBJECT;
    return count;
}

/* The compiler would name the temporary object as what depends on the sources. When a program is
 * linked at once, that does; of several sources each has a file of its own then. */
static void add_depends(const struct cc_arguments *arguments, const struct cc_input *input,
                        const char *object, struct words *command)
{
    const char *output = arguments->output, *of = output ? output : input->name;

    if (!arguments->has_depends)
        return;
    if (arguments->stop == CC_LINK && count_sources(arguments) > 1)
        of = input->name;
    if (arguments->stop == CC_LINK)
        object = output ? output : "a.out";
    words_add(command, "-MF");
    words_add(command, arguments->depend_file ? arguments->depend_file : derived_name(of, ".d"));
    words_add(command, "-MT");
    words_add(command, arguments->depend_name ? arguments->depend_name : object);
}

static void add_source(const struct cc_input *input, struct words *command)
{
    if (input->language) {
        words_add(command, "-x");
        words_add(command, input->language);
    } else if (input->kind == CC_ASSEMBLY_CPP) {
        words_add(command, "-x");
        words_add(command, "assembler-with-cpp");
    }
    words_add(command, input->name);
}

/* The compiler's options that mean something to the assembler too. */
static void add_assembler_options(const struct words *compile, struct words *command)
{
    bool is_debug = false;

    for (size_t i = 0; i < compile->count; i++) {
        const char *word = compile->list[i];

        if (strncmp(word, "-I", 2) == 0) {
            words_add(command, word);
            if (word[2] == '\0')
                words_add(command, compile->list[++i]);
        } else if (strncmp(word, "-g", 2) == 0) {
            is_debug = strcmp(word, "-g0") != 0;
        } else if (strcmp(word, "-w") == 0) {
            words_add(command, "-Wnone");
        }
    }
    if (is_debug)
        words_add(command, "-g");
}

static bool assemble(const struct cc_arguments *arguments, const char *source, const char *object)
{
    struct words command = {0};

    words_add(&command, cc_find_program("tg-as"));
    add_assembler_options(&arguments->compile, &command);
    words_add_all(&command, &arguments->assemble);
    words_add(&command, "-o");
    words_add(&command, object);
    words_add(&command, source);
    return cc_run(&command, arguments->is_verbose);
}

bool cc_compile(const struct cc_arguments *arguments, const struct cc_input *input,
                const char *object)
{
    static unsigned number;
    const char *folder = cc_temporary(), *between;
    struct words command = {0};

    if (input->kind == CC_ASSEMBLY)
        return assemble(arguments, input->name, object);
    if (!folder)
        return false;
    add_compiler(arguments, input, &command);
    between = cc_format("%s/%u%s", folder, number++, input->kind == CC_SOURCE ? ".o" : ".s");
    add_depends(arguments, input, object, &command);
    words_add(&command, input->kind == CC_SOURCE ? "-c" : "-E");
    words_add(&command, "-o");
    words_add(&command, between);
    add_source(input, &command);
    if (!run_compiler(arguments, &command))
        return false;
    return input->kind == CC_SOURCE ? cc_retarget(between, input->name, object, false)
                                    : assemble(arguments, between, object);
}

bool cc_translate(const struct cc_arguments *arguments, const struct cc_input *input)
{
    struct words command = {0};

    add_compiler(arguments, input, &command);
    if (arguments->stop == CC_STOP_TEXT)
        words_add(&command, "-S");
    if (arguments->stop == CC_STOP_CPP)
        words_add(&command, "-E");
    if (arguments->depend_file) {
        words_add(&command, "-MF");
        words_add(&command, arguments->depend_file);
    }
    if (arguments->depend_name) {
        words_add(&command, "-MT");
        words_add(&command, arguments->depend_name);
    }
    if (arguments->output) {
        words_add(&command, "-o");
        words_add(&command, arguments->output);
    }
    add_source(input, &command);
    return run_compiler(arguments, &command);
}

bool cc_ask(const struct cc_arguments *arguments)
{
    struct words command = {0};

    add_compiler(arguments, NULL, &command);
    for (size_t i = 0; i < arguments->input_count; i++)
        if (arguments->inputs[i].kind < CC_OBJECT)
            add_source(&arguments->inputs[i], &command);
    return cc_run(&command, arguments->is_verbose);
}
