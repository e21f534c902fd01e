/*
 * The sub-commands and their exit statuses, which scripts rely on.
 */
#ifndef TOOL_COMMANDS_H
#define TOOL_COMMANDS_H

enum exit_status { /* 0 to 99: the guest's own */
    EXIT_OWN_FAILURE = 1,
    EXIT_USAGE = 2,
    EXIT_LIMIT = 100,
    EXIT_GUEST_FAILED = 101,
    EXIT_NO_PROGRESS = 102,
    EXIT_ENGINES_DIFFER = 103,
    EXIT_COMMAND_FAILED = 104 /* of the debugger, in a batch */
};

int command_run(int argc, char **argv);
int command_debug(int argc, char **argv);

#endif
