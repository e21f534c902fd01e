/* The end of a program; its environment, which is empty. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib.h"

char **environ = &(char *){NULL};

enum { MOST_AT_EXIT = 32 };

static void (*at_exit[MOST_AT_EXIT])(void);
static unsigned at_exit_count;

int atexit(void (*function)(void))
{
    if (at_exit_count == MOST_AT_EXIT)
        return -1;
    at_exit[at_exit_count++] = function;
    return 0;
}

void exit(int status)
{
    while (at_exit_count > 0)
        at_exit[--at_exit_count]();
    if (tp_before_fork)
        tp_before_fork();
    _exit(status);
}

void abort(void)
{
    raise(SIGABRT);
    _exit(127);
}

int raise(int signal)
{
    return kill(getpid(), signal);
}

char *getenv(const char *name)
{
    size_t length = strlen(name);

    for (char **at = environ; *at; at++)
        if (strncmp(*at, name, length) == 0 && (*at)[length] == '=')
            return *at + length + 1;
    return NULL;
}
