/*
 * Carries out a tree. Each command of a pipeline is a process; a builtin that stands alone is not. An
 * interactive shell gives each pipeline a process group, and the terminal to the one it waits for, so
 * that control-C ends that and not the shell. See sh.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sh.h"
#include "turnpike.h"

enum { NOT_FOUND = 127, NOT_EXECUTABLE = 126, MOST_COMMANDS = 32 };

/* --- Redirections ------------------------------------------------------------------------------ */

/* Does one; 0, or -1 after an error message. */
static int redirect(const struct sh *sh, const struct sh_redirect *r)
{
    static const int flags[] = {[SH_READ] = O_RDONLY,
                                [SH_WRITE] = O_WRONLY | O_CREAT | O_TRUNC,
                                [SH_APPEND] = O_WRONLY | O_CREAT | O_APPEND};
    const char *word = sh_expand(r->word, &sh->values);
    int file;

    if (r->kind == SH_COPY) {
        if (dup2(atoi(word), r->file) >= 0)
            return 0;
        sh_complain(word, strerror(errno));
        return -1;
    }
    file = open(word, flags[r->kind], 0666);
    if (file < 0) {
        sh_complain(word, strerror(errno));
        return -1;
    }
    if (file != r->file) {
        int result = dup2(file, r->file);

        close(file);
        if (result < 0) {
            sh_complain(word, strerror(errno));
            return -1;
        }
    }
    return 0;
}

static int redirect_all(const struct sh *sh, const struct sh_redirect *list)
{
    for (; list; list = list->next)
        if (redirect(sh, list) != 0)
            return -1;
    return 0;
}

/* --- Processes --------------------------------------------------------------------------------- */

static _Noreturn void execute(char **words)
{
    execvp(words[0], words);
    if (errno == ENOEXEC) {
        /* Not a program: a script. */
        char *list[SH_MOST_WORDS + 2] = {(char *)(uintptr_t) "sh"};

        for (int i = 0; words[i]; i++)
            list[i + 1] = words[i];
        execv("/bin/sh", list);
    }
    sh_complain(words[0], errno == ENOENT && !strchr(words[0], '/') ? "not found" : strerror(errno));
    _exit(errno == ENOENT ? NOT_FOUND : NOT_EXECUTABLE);
}

/* What a child does that is a command; never returns. */
static _Noreturn void be_command(struct sh *sh, const struct sh_command *command)
{
    char **words;
    sh_builtin *builtin;
    int count = 0;

    sh->is_interactive = false;
    if (redirect_all(sh, command->redirects) != 0)
        _exit(1);
    if (command->group) {
        sh_run(sh, command->group);
        _exit(sh->values.status);
    }
    words = sh_expand_all(command->words, &sh->values);
    if (!words) {
        sh_complain("command", "too many words");
        _exit(1);
    }
    if (!words[0])
        _exit(0);
    builtin = sh_find_builtin(words[0]);
    if (!builtin)
        execute(words);
    while (words[count])
        count++;
    exit(builtin(sh, count, words));
}

/* Ends of a pipeline's pipes as one command has them; -1: none. */
struct ends {
    int in, out, next_in; /* next_in: the following command's, not for this one */
};

static void connect(const struct ends *ends)
{
    if (ends->in >= 0) {
        dup2(ends->in, 0);
        close(ends->in);
    }
    if (ends->out >= 0) {
        dup2(ends->out, 1);
        close(ends->out);
    }
    if (ends->next_in >= 0)
        close(ends->next_in);
}

static void close_ends(const struct ends *ends)
{
    if (ends->in >= 0)
        close(ends->in);
    if (ends->out >= 0)
        close(ends->out);
}

/* Starts one command; its pid, or -1 after an error message. group: of the pipeline, 0 for a new one. */
static pid_t start(struct sh *sh, const struct sh_command *command, const struct ends *ends,
                   pid_t group)
{
    pid_t child = fork();

    if (child < 0)
        sh_complain("new process", strerror(errno));
    if (child == 0) {
        if (sh->is_interactive)
            setpgid(0, group);
        connect(ends);
        be_command(sh, command);
    }
    /* Here too: whichever of the two runs first. */
    if (child > 0 && sh->is_interactive)
        setpgid(child, group ? group : child);
    return child;
}

/* Starts all commands; how many, the first of which is the group's leader. */
static int start_all(struct sh *sh, const struct sh_pipeline *pipeline, pid_t *children)
{
    struct ends ends = {.in = -1};
    int count = 0;

    for (const struct sh_command *c = pipeline->commands; c && count < MOST_COMMANDS; c = c->next) {
        int files[2] = {-1, -1};

        if (c->next && pipe(files) != 0) {
            sh_complain("pipe", strerror(errno));
            break;
        }
        ends.out = files[1];
        ends.next_in = files[0];
        children[count] = start(sh, c, &ends, count ? children[0] : 0);
        close_ends(&ends);
        ends.in = files[0];
        if (children[count] < 0)
            break;
        count++;
    }
    if (ends.in >= 0)
        close(ends.in);
    return count;
}

static int status_of(int status)
{
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Waits for the commands of a pipeline; the status of the last. */
static int wait_all(const pid_t *children, int count)
{
    int status = 0;

    for (int i = 0; i < count; i++) {
        while (waitpid(children[i], &status, 0) < 0)
            if (errno != EINTR)
                return 1;
        if (WIFSIGNALED(status) && WTERMSIG(status) != SIGINT && WTERMSIG(status) != SIGPIPE) {
            char name[24];

            snprintf(name, sizeof name, "process %d", (int)children[i]);
            sh_complain(name, strsignal(WTERMSIG(status)));
        }
    }
    return status_of(status);
}

/* --- Builtins ---------------------------------------------------------------------------------- */

/* Keeps the files that redirections are about to replace. */
static void keep_files(const struct sh_redirect *list, int *kept)
{
    for (int i = 0; list; list = list->next, i++)
        kept[i] = dup(list->file);
}

static void bring_back_files(const struct sh_redirect *list, const int *kept)
{
    if (!list)
        return;
    /* The last first: the same file may have been redirected twice. */
    bring_back_files(list->next, kept + 1);
    if (*kept >= 0) {
        dup2(*kept, list->file);
        close(*kept);
    } else {
        close(list->file);
    }
}

/* Does the command in the shell itself, if it is such a one. */
static bool try_builtin(struct sh *sh, const struct sh_command *command)
{
    enum { MOST_REDIRECTS = 8 };
    int kept[MOST_REDIRECTS], redirects = 0, count = 0;
    sh_builtin *builtin;
    char **words;

    for (const struct sh_redirect *r = command->redirects; r; r = r->next)
        redirects++;
    if (command->next || !command->words || redirects > MOST_REDIRECTS)
        return false;
    words = sh_expand_all(command->words, &sh->values);
    builtin = words && words[0] ? sh_find_builtin(words[0]) : NULL;
    if (!builtin)
        return false;
    while (words[count])
        count++;
    keep_files(command->redirects, kept);
    if (redirect_all(sh, command->redirects) == 0)
        sh->values.status = builtin(sh, count, words);
    else
        sh->values.status = 1;
    fflush(stdout);
    bring_back_files(command->redirects, kept);
    return true;
}

/* --- Pipelines and lists ----------------------------------------------------------------------- */

static void run_pipeline(struct sh *sh, const struct sh_pipeline *pipeline)
{
    pid_t children[MOST_COMMANDS];
    int count;

    if (!try_builtin(sh, pipeline->commands)) {
        count = start_all(sh, pipeline, children);
        if (sh->is_interactive && count > 0)
            tp_foreground(children[0]);
        sh->values.status = count > 0 ? wait_all(children, count) : 1;
        if (sh->is_interactive && count > 0)
            tp_foreground(0);
    }
    if (pipeline->is_negated)
        sh->values.status = !sh->values.status;
}

static void run_and_or(struct sh *sh, const struct sh_and_or *and_or)
{
    for (const struct sh_pipeline *p = and_or->pipelines; p && !sh->is_ended; p = p->next)
        if (p->join == SH_FIRST || (p->join == SH_AND) == (sh->values.status == 0))
            run_pipeline(sh, p);
}

static void run_in_background(struct sh *sh, const struct sh_and_or *and_or)
{
    struct sh_pipeline *first = and_or->pipelines;
    pid_t children[MOST_COMMANDS];
    int count;

    if (!first->next && !first->is_negated && !first->commands->next) {
        count = start_all(sh, first, children);
    } else {
        /* What && and || decide later needs a shell of its own, and so does a pipeline, whose end is to be told once. */
        const struct sh_and_or list = {.pipelines = first};
        const struct sh_command group = {.group = (struct sh_and_or *)(uintptr_t)&list};
        const struct ends none = {-1, -1, -1};

        children[0] = start(sh, &group, &none, 0);
        count = children[0] > 0;
    }
    if (sh->is_interactive && count > 0)
        dprintf(2, "[%d]\n", (int)children[0]);
    sh->values.status = count == 0;
}

void sh_run(struct sh *sh, const struct sh_and_or *list)
{
    for (; list && !sh->is_ended; list = list->next) {
        if (list->is_background)
            run_in_background(sh, list);
        else
            run_and_or(sh, list);
    }
}

void sh_reap(const struct sh *sh)
{
    int status;
    pid_t child;

    while ((child = waitpid(-1, &status, WNOHANG)) > 0) {
        if (!sh->is_interactive)
            continue;
        if (WIFSIGNALED(status))
            dprintf(2, "[%d] %s\n", (int)child, strsignal(WTERMSIG(status)));
        else if (WEXITSTATUS(status))
            dprintf(2, "[%d] ended with status %d\n", (int)child, WEXITSTATUS(status));
        else
            dprintf(2, "[%d] done\n", (int)child);
    }
}
