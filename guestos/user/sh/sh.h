/*
 * The shell. A text is read into a tree (parse.c), words are made of its raw words when a command is about
 * to run (expand.c), and the tree is carried out (run.c). All memory of a command comes from one
 * arena that is emptied before the next one.
 *
 *     list      and-or { ; and-or } with & in place of ; for what runs in the background
 *     and-or    pipeline { && or || pipeline }
 *     pipeline  [!] command { | command }
 *     command   words and redirections, or ( list ) with redirections
 */
#ifndef SH_H
#define SH_H

#include <stdbool.h>
#include <stddef.h>

enum { SH_MOST_WORDS = 64 };

enum sh_redirection { SH_READ, SH_WRITE, SH_APPEND, SH_COPY };

struct sh_redirect {
    struct sh_redirect *next;
    enum sh_redirection kind;
    int file;         /* the one that is redirected */
    const char *word; /* raw: the path, or for SH_COPY the number of the file to be the same as */
};

struct sh_word {
    struct sh_word *next;
    const char *raw; /* with its quotes */
};

struct sh_command {
    struct sh_command *next; /* of the pipeline */
    struct sh_word *words;
    struct sh_redirect *redirects;
    struct sh_and_or *group; /* what was in parentheses, then there are no words */
};

enum sh_join { SH_FIRST, SH_AND, SH_OR };

struct sh_pipeline {
    struct sh_pipeline *next;
    enum sh_join join; /* to the one before */
    bool is_negated;
    struct sh_command *commands;
};

struct sh_and_or {
    struct sh_and_or *next;
    struct sh_pipeline *pipelines;
    bool is_background;
};

/* --- arena.c ----------------------------------------------------------------------------------- */

/* Zeroed memory until sh_empty(); a shell whose command is too large says so and ends. */
void *sh_alloc(size_t bytes);
char *sh_copy(const char *text, size_t length);
void sh_empty(void);

/* --- parse.c ----------------------------------------------------------------------------------- */

enum sh_parsed { SH_DONE, SH_INCOMPLETE, SH_WRONG };

/* Reads a text. SH_INCOMPLETE: it goes on in the next line. SH_WRONG: what was wrong is in ret_error. */
enum sh_parsed sh_parse(const char *text, struct sh_and_or **ret_list, const char **ret_error);

/* --- expand.c ---------------------------------------------------------------------------------- */

/* What $ stands for. */
struct sh_values {
    int status;       /* $? */
    int pid;          /* $$: of the shell, in its children too */
    int count;        /* $#: of arguments, without the name */
    char **arguments; /* $0 to $9 */
};

/* The word without quotes, with what $ stands for. */
char *sh_expand(const char *raw, const struct sh_values *values);

/* The words of a command, with the names of files in place of patterns; NULL after the last. NULL: too
 * many. */
char **sh_expand_all(const struct sh_word *words, const struct sh_values *values);

/* --- run.c ------------------------------------------------------------------------------------- */

struct sh {
    struct sh_values values;
    bool is_interactive; /* each pipeline has a process group, and the terminal while it runs */
    bool is_ended;       /* by exit */
};

void sh_run(struct sh *sh, const struct sh_and_or *list);

/* Tells of children that ended in the background. */
void sh_reap(const struct sh *sh);

/* --- builtins.c -------------------------------------------------------------------------------- */

typedef int sh_builtin(struct sh *sh, int count, char **words);

/* A command that the shell does itself, or NULL. */
sh_builtin *sh_find_builtin(const char *name);

/* Prints "sh: WHAT: REASON" on standard error. */
void sh_complain(const char *what, const char *reason);

#endif
