/* tg-cc: from C to a TG32 program in one command. */
#include <stdio.h>
#include <string.h>

#include "cc/cc.h"
#include "common/response.h"

static const char usage[] =
    "usage: tg-cc [options] FILE... -o OUT\n"
    "\n"
    "Makes a TG32 program of C sources: clang compiles them for RV32IMA, each object is rewritten\n"
    "for TG32, tg-ld links. FILE: C (.c, .i), TG32 assembly (.s; .S with preprocessor), objects,\n"
    "archives. Options that are not listed here (-O2 -g -W... -std=... -f...) go to clang.\n"
    "@FILE: the words in FILE.\n"
    "\n";

static const char examples[] =
    "\n"
    "  tg-cc -O2 -g hello.c -o hello && tollgate run hello\n"
    "  tg-cc -c part.c                      an object, part.o\n"
    "  tg-cc -mturnpike hello.c -o hello    a program for the guest OS\n"
    "  tg-cc -nostdlib -T kernel.ld boot.s main.c -o kernel\n"
    "\n"
    "The C library is Debian's " CC_LIBC_PACKAGE ", with " CC_LIBGCC_PACKAGE ".\n"
    "Exit status: 0 done, 1 an error, 2 wrong usage.\n";

/* --- Linking
 * ---------------------------------------------------------------------------------------- */

/* The part that a name after -l stands for; -1: none, a library of the user's. */
static int part_of_library(const struct cc_arguments *arguments, const char *name)
{
    static const struct {
        const char *name;
        enum cc_part part;
    } names[] = {{"c", CC_LIBC},     {"m", CC_LIBC},     {"g", CC_LIBC},
                 {"gcc", CC_LIBGCC}, {"tg", CC_RUNTIME}, {"tgc", CC_LIBC_GLUE}};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(names[i].name, name) == 0)
            return arguments->system == CC_TURNPIKE_SMALL && names[i].part == CC_LIBC
                       ? CC_OS_SMALL_LIBC
                       : (int)names[i].part;
    return -1;
}

/* A file for the linker whose path would tell the user nothing. */
static void add_file(struct words *command, const char *path, const char *called)
{
    words_add(command, "--call");
    words_add(command, called);
    words_add(command, path);
}

static bool add_part(struct words *command, enum cc_part part, bool is_verbose)
{
    const char *path = cc_part(part, is_verbose);

    if (path)
        add_file(command, path, cc_part_name(part));
    return path != NULL;
}

/* What every program of a kind gets. The order of archives has no meaning. */
static const struct kit {
    enum cc_part start, libraries[4];
    size_t library_count;
    const char *options[3];
    bool has_libc; /* Debian's */
} kits[] = {
    {CC_START, {CC_LIBC_GLUE, CC_LIBC, CC_LIBGCC, CC_RUNTIME}, 4, {NULL}, true},
    {CC_START_WITHOUT_LIBC, {CC_RUNTIME, CC_LIBGCC}, 2, {NULL}, false},
    {CC_OS_START,
     {CC_OS_LIBC_GLUE, CC_LIBC, CC_LIBGCC},
     3,
     {"--layout=user", "--gc-sections"},
     true},
    {CC_OS_START, {CC_OS_SMALL_LIBC, CC_LIBGCC}, 2, {"--layout=user", "--gc-sections"}, false},
};

static const struct kit *find_kit(const struct cc_arguments *arguments)
{
    if (arguments->system == CC_BARE)
        return &kits[arguments->has_no_libc ? 1 : 0];
    return &kits[arguments->has_no_libc || arguments->system == CC_TURNPIKE_SMALL ? 3 : 2];
}

/* Whether the part is among what every such program gets. */
static bool is_default(const struct cc_arguments *arguments, int part)
{
    const struct kit *kit = find_kit(arguments);

    for (size_t i = 0; i < kit->library_count && !arguments->has_no_libraries; i++)
        if (kit->libraries[i] == (enum cc_part)part)
            return true;
    return false;
}

static bool add_library(const struct cc_arguments *arguments, const char *name,
                        struct words *command)
{
    int part = part_of_library(arguments, name);

    /* It comes in its place among the others: the C library after what takes the place of parts
     * of it. */
    if (is_default(arguments, part))
        return true;
    if (part >= 0)
        return add_part(command, (enum cc_part)part, arguments->is_verbose);
    words_add(command, cc_format("-l%s", name));
    return true;
}

static bool add_default_libraries(const struct cc_arguments *arguments, struct words *command)
{
    const struct kit *kit = find_kit(arguments);

    for (size_t i = 0; i < kit->library_count && !arguments->has_no_libraries; i++) {
        /* Without the C library, libgcc is a help where it is installed. */
        bool is_needed = kit->has_libc || cc_has_part(kit->libraries[i]);

        if (is_needed && !add_part(command, kit->libraries[i], arguments->is_verbose))
            return false;
    }
    return true;
}

static bool check_libc(const struct cc_arguments *arguments)
{
    /* Told before anything is compiled, and in place of what the glue would lack. */
    if (arguments->has_no_libraries || !find_kit(arguments)->has_libc)
        return true;
    return cc_has_part(CC_LIBC) || cc_part(CC_LIBC, false);
}

/* The object of a source is temporary; it is called as -c would call it, in the source's folder. */
static const char *called(const struct cc_input *input)
{
    const char *dot = strrchr(input->name, '.');

    return dot && !strchr(dot, '/') ? cc_format("%.*s.o", (int)(dot - input->name), input->name)
                                    : input->name;
}

static bool link_program(const struct cc_arguments *arguments, const struct words *objects)
{
    const struct kit *kit = find_kit(arguments);
    struct words command = {0};

    words_add(&command, cc_find_program("tg-ld"));
    words_add(&command, "-o");
    words_add(&command, arguments->output ? arguments->output : "a.out");
    if (arguments->script) {
        words_add(&command, "-T");
        words_add(&command, arguments->script);
    }
    for (size_t i = 0; kit->options[i]; i++)
        words_add(&command, kit->options[i]);
    words_add_all(&command, &arguments->link);
    if (!arguments->has_no_start && !add_part(&command, kit->start, arguments->is_verbose))
        return false;
    for (size_t i = 0, object = 0; i < arguments->input_count; i++) {
        const struct cc_input *input = &arguments->inputs[i];

        if (input->kind == CC_OBJECT)
            words_add(&command, objects->list[object++]);
        else if (input->kind != CC_LIBRARY)
            add_file(&command, objects->list[object++], called(input));
        else if (!add_library(arguments, input->name, &command))
            return false;
    }
    return add_default_libraries(arguments, &command) && cc_run(&command, arguments->is_verbose);
}

/* --- Each source, then all
 * -------------------------------------------------------------------------- */

static const char *object_name(const struct cc_arguments *arguments, const struct cc_input *input,
                               size_t number)
{
    const char *slash = strrchr(input->name, '/');
    const char *name = slash ? slash + 1 : input->name;

    if (arguments->stop == CC_LINK)
        return cc_format("%s/%zu-%.*s.o", cc_temporary(), number, (int)strcspn(name, "."), name);
    if (arguments->output)
        return arguments->output;
    return cc_format(
        "%.*s.o", (int)(strrchr(name, '.') ? strrchr(name, '.') - name : (long)strlen(name)), name);
}

static bool make_objects(const struct cc_arguments *arguments, struct words *objects)
{
    bool is_made = cc_temporary() != NULL;

    /* After an error the other sources are compiled too: all errors in one run. */
    for (size_t i = 0; i < arguments->input_count && cc_temporary(); i++) {
        const struct cc_input *input = &arguments->inputs[i];
        const char *object;

        if (input->kind == CC_OBJECT) {
            words_add(objects, input->name);
        } else if (input->kind == CC_LIBRARY) {
            continue;
        } else if (arguments->stop > CC_STOP_OBJECT) {
            is_made = cc_translate(arguments, input) && is_made;
        } else {
            object = object_name(arguments, input, i);
            is_made = cc_compile(arguments, input, object) && is_made;
            words_add(objects, object);
        }
    }
    return is_made;
}

static bool make(const struct cc_arguments *arguments)
{
    struct words objects = {0};

    if (arguments->stop == CC_LINK && !check_libc(arguments))
        return false;
    return make_objects(arguments, &objects) &&
           (arguments->stop != CC_LINK || link_program(arguments, &objects));
}

static int compile_words(int argc, char **argv)
{
    struct cc_arguments arguments;
    bool is_done;

    if (!cc_read_arguments(argc, argv, &arguments))
        return 2;
    if (arguments.is_help) {
        fputs(usage, stdout);
        cc_print_options();
        fputs(examples, stdout);
        return 0;
    }
    if (arguments.is_version) {
        puts(CC_PROGRAM " " TG_VERSION);
        return 0;
    }
    cc_hold_signals();
    is_done = arguments.is_query ? cc_ask(&arguments) : make(&arguments);
    cc_clean_up();
    cc_obey_signals();
    return is_done ? 0 : 1;
}

int main(int argc, char **argv)
{
    struct response_words words;
    int status = 2;

    if (response_read(CC_PROGRAM, argc, argv, &words))
        status = compile_words(words.count, words.list);
    response_finish(&words);
    return status;
}
