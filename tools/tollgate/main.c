/*
 * The program `tollgate`: picks the sub-command and hands over. Exit statuses: docs/running.md.
 */
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "common/options.h"

static const struct command {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *meaning;
} commands[] = {
    {"run", command_run, "run a TG32 program or kernel"},
    {"debug", command_debug, "stop it anywhere, look, go back"},
};
#define COMMAND_COUNT (sizeof commands / sizeof commands[0])

static void print_help(void)
{
    printf("usage: tollgate COMMAND [options]\n\n"
           "Tollgate is a TG32 machine: rings, gates, paging, ports, devices, deterministic to the instruction.\n\n");
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        printf("  %-8s %s\n", commands[i].name, commands[i].meaning);
    printf("\ntollgate COMMAND --help tells more. Example:\n  tollgate run program.tg --digest\n");
}

int main(int argc, char **argv)
{
    const char *names[COMMAND_COUNT];
    if (argc < 2) {
        fprintf(stderr, "tollgate: no command given; tollgate --help lists them\n");
        return EXIT_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0) {
        print_help();
        return 0;
    }
    if (strcmp(argv[1], "--version") == 0) {
        printf("tollgate %s\n", TOLLGATE_VERSION);
        return 0;
    }
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        names[i] = commands[i].name;
        if (strcmp(argv[1], commands[i].name) == 0)
            return commands[i].run(argc - 1, argv + 1);
    }
    const char *near = nearest_name(argv[1], names, COMMAND_COUNT);
    fprintf(stderr, "tollgate: unknown command \"%s\"%s%s%s; tollgate --help lists them\n", argv[1],
            near != NULL ? "; did you mean \"" : "", near != NULL ? near : "", near != NULL ? "\"?" : "");
    return EXIT_USAGE;
}
