/* What the shell does itself. See sh.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sh.h"

enum { NOT_A_CHILD = 127 };

void sh_complain(const char *what, const char *reason)
{
    dprintf(2, "sh: %s: %s\n", what, reason);
}

static int do_cd(struct sh *sh, int count, char **words)
{
    const char *path = count > 1 ? words[1] : "/";

    (void)sh;
    if (count > 2) {
        dprintf(2, "usage: cd [FOLDER]\n");
        return 2;
    }
    if (chdir(path) == 0)
        return 0;
    sh_complain(path, strerror(errno));
    return 1;
}

static int do_exit(struct sh *sh, int count, char **words)
{
    sh->is_ended = true;
    return count > 1 ? atoi(words[1]) & 0xff : sh->values.status;
}

static int do_wait(struct sh *sh, int count, char **words)
{
    int status = 0;

    (void)sh;
    if (count > 1) {
        if (waitpid(atoi(words[1]), &status, 0) < 0) {
            sh_complain(words[1], strerror(errno));
            return NOT_A_CHILD;
        }
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
    while (wait(NULL) > 0)
        ;
    return 0;
}

static int do_help(struct sh *sh, int count, char **words)
{
    (void)sh;
    (void)count;
    (void)words;
    puts("PROGRAM WORD...        run it; ls /bin shows what there is\n"
         "A | B   A < FILE       pipe, redirection; also > >> 2> 2>&1\n"
         "A &     A ; B          in the background; one after the other\n"
         "A && B  A || B         B only if A succeeded, or failed; also ! A, ( A ; B )\n"
         "'...' \"...\" \\c          quoting; * ? [...] stand for names of files\n"
         "$? $$ $0 to $9 $#      last status, pid of the shell, arguments of a script\n"
         "cd [FOLDER]  wait [PID]  exit [STATUS]\n"
         "control-C ends what runs, control-D the shell");
    return 0;
}

static int do_nothing(struct sh *sh, int count, char **words)
{
    (void)sh;
    (void)count;
    (void)words;
    return 0;
}

sh_builtin *sh_find_builtin(const char *name)
{
    static const struct {
        const char *name;
        sh_builtin *function;
    } builtins[] = {{"cd", do_cd},     {"exit", do_exit}, {"wait", do_wait},
                    {"help", do_help}, {":", do_nothing}};

    for (size_t i = 0; i < sizeof builtins / sizeof builtins[0]; i++)
        if (strcmp(builtins[i].name, name) == 0)
            return builtins[i].function;
    return NULL;
}
