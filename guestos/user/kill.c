/* kill: sends a signal to processes, or to groups of them by a negative number. */
#include <ctype.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "user.h"

static int signal_of(const char *name)
{
    static const struct {
        const char *name;
        int number;
    } signals[] = {{"HUP", SIGHUP},   {"INT", SIGINT},   {"KILL", SIGKILL}, {"SEGV", SIGSEGV},
                   {"PIPE", SIGPIPE}, {"TERM", SIGTERM}, {"ABRT", SIGABRT}};
    unsigned number;

    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
        if (strcmp(name, signals[i].name) == 0)
            return signals[i].number;
    return user_number(name, 31, &number) ? (int)number : -1;
}

int main(int argc, char **argv)
{
    static const char usage[] = "kill [-SIGNAL] PID... (HUP INT KILL SEGV PIPE TERM ABRT, or a number)";
    int first = 1, signal = SIGTERM, result = 0;

    if (argc > 2 && argv[1][0] == '-') {
        signal = signal_of(argv[1] + 1);
        first = 2;
    }
    if (first == argc || signal < 0)
        return user_usage(usage);
    for (; first < argc; first++) {
        bool is_group = argv[first][0] == '-';
        unsigned pid;

        if (!user_number(argv[first] + is_group, 0x7fffffff, &pid))
            return user_usage(usage);
        if (kill(is_group ? -(int)pid : (int)pid, signal) != 0)
            result = user_fail("kill", argv[first]);
    }
    return result;
}
