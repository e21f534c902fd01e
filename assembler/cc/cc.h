/*
 * tg-cc: what was asked for, and the steps that do it. The steps run other programs (clang, tg-as,
 * tg-ld) and the rewriter. Manual: docs/toolchain.md, "C".
 */
#ifndef TG_CC_H
#define TG_CC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CC_PROGRAM "tg-cc"

/* Words of a command, with a NULL after the last. Memory lives until the program ends. */
struct words {
    const char **list;
    size_t count, room;
};

enum cc_kind { CC_SOURCE, CC_ASSEMBLY, CC_ASSEMBLY_CPP, CC_OBJECT, CC_LIBRARY };

struct cc_input {
    enum cc_kind kind;
    const char *name;     /* path; of a library the name after -l */
    const char *language; /* of a source: the value of -x, NULL for what the name says */
};

/* What the program is for: the bare machine, or Turnpike with picolibc or its own small library. */
enum cc_system { CC_BARE, CC_TURNPIKE, CC_TURNPIKE_SMALL };

enum cc_stop { CC_LINK, CC_STOP_OBJECT, CC_STOP_TEXT, CC_STOP_CPP, CC_STOP_DEPENDS };

struct cc_arguments {
    enum cc_stop stop;
    enum cc_system system;
    bool is_help, is_version, is_verbose;
    bool is_query; /* the compiler answers a question, nothing is made */
    bool has_no_start, has_no_libraries, has_no_libc, has_no_include;
    bool has_depends; /* -MD or -MMD */
    const char *output, *script, *depend_file, *depend_name;
    struct words compile, assemble, link;
    struct cc_input *inputs;
    size_t input_count;
};

/* --- words.c: out of memory ends the program
 * -------------------------------------------------------- */

/* Memory filled with zeros, until the program ends. */
void *cc_alloc(size_t bytes);
void words_add(struct words *words, const char *word);
void words_add_all(struct words *words, const struct words *more);
/* A new string. */
__attribute__((format(printf, 1, 2))) char *cc_format(const char *format, ...);
/* Prints "tg-cc: TEXT" on standard error, and is false. */
__attribute__((format(printf, 1, 2))) bool cc_fail(const char *format, ...);

/* --- arguments.c
 * ------------------------------------------------------------------------------------ */

/* Reads argv[1..argc); false after printing an error. */
bool cc_read_arguments(int argc, char **argv, struct cc_arguments *ret_arguments);
/* Prints the rows of options.def that have a help. */
void cc_print_options(void);

/* --- programs.c
 * ------------------------------------------------------------------------------------- */

/* The folder this program lies in, with programs of the toolchain beside it or in folders beside
 * its own. */
const char *cc_find_program(const char *name);

/* The path of a file or folder of ours, named as in the source tree ("assembler/include"), where it
 * is installed, or else in the tree this program was built from. */
const char *cc_own_path(const char *name);

/* From here on, signals that end the program wait until cc_clean_up has removed what is unfinished.
 */
void cc_hold_signals(void);
/* Ends the program by the signal that came, if any. */
void cc_obey_signals(void);

/* Runs a command to its end, its output ours; false if it could not be run, its exit status was not
 * 0, or a signal has come. */
bool cc_run(const struct words *command, bool is_verbose);

/* A folder for temporary files, made at the first call; NULL after printing an error. */
const char *cc_temporary(void);
/* Removes it and what is in it. */
void cc_clean_up(void);

/* --- compile.c
 * -------------------------------------------------------------------------------------- */

/* Makes a TG32 object of a source. */
bool cc_compile(const struct cc_arguments *arguments, const struct cc_input *input,
                const char *object);

/* Runs the compiler for -E, -S, -M; its output is the answer. */
bool cc_translate(const struct cc_arguments *arguments, const struct cc_input *input);

/* Lets the compiler answer questions about itself, such as -dumpmachine. */
bool cc_ask(const struct cc_arguments *arguments);

/* Rewrites an object or archive for RISC-V. Messages call it name. */
bool cc_retarget(const char *from, const char *name, const char *to, bool without_debug);

/* --- library.c
 * -------------------------------------------------------------------------------------- */

/* A part of the runtime, ready to be linked. */
enum cc_part {
    CC_START,
    CC_START_WITHOUT_LIBC,
    CC_RUNTIME,
    CC_LIBC_GLUE,
    CC_LIBC,
    CC_LIBGCC,
    CC_OS_START,
    CC_OS_SMALL_LIBC,
    CC_OS_LIBC_GLUE
};

/* What it is called in messages and maps: "libc.a". */
const char *cc_part_name(enum cc_part part);
/* The path of a part, made now if it was not before; NULL after printing why there is none. */
const char *cc_part(enum cc_part part, bool is_verbose);

/* Whether Debian's package for it is installed (always true for parts of our own). */
bool cc_has_part(enum cc_part part);

/* The folder of the C library's headers, and the package that has it. */
const char *cc_libc_headers(void);
bool cc_has_libc_headers(void);
#define CC_LIBC_PACKAGE   "picolibc-riscv64-unknown-elf"
#define CC_LIBGCC_PACKAGE "gcc-riscv64-unknown-elf"

#endif
