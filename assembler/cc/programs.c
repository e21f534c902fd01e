/* Other programs, and temporary files. */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cc/cc.h"

extern char **environ;

/* --- Programs
 * --------------------------------------------------------------------------------------- */

/* The folder of this program's file, or NULL. */
static const char *own_folder(void)
{
    char path[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", path, sizeof path);

    while (length > 0 && path[length - 1] != '/')
        length--;
    return length > 0 && length < (ssize_t)sizeof path ? cc_format("%.*s", (int)length, path)
                                                       : NULL;
}

const char *cc_find_program(const char *name)
{
    const char *folder = own_folder();
    const char *path;

    if (!folder)
        return name;
    path = cc_format("%s%s", folder, name);
    if (access(path, X_OK) == 0)
        return path;
    /* As built: each in a folder that is called like it, without "tg-". */
    path = cc_format("%s../%s/%s", folder, name + strlen("tg-"), name);
    return access(path, X_OK) == 0 ? path : name;
}

const char *cc_own_path(const char *name)
{
    const char *folder = own_folder();
    const char *path = cc_format("%s../share/tollgate", folder ? folder : "");

    if (!folder || access(path, R_OK) != 0)
        path = TG_ROOT_FOLDER;
    return cc_format("%s/%s", path, name);
}

/* --- Signals
 * ---------------------------------------------------------------------------------------- */

static volatile sig_atomic_t caught;  /* number of the signal that came; 0: none */
static volatile sig_atomic_t running; /* the process that is waited for; 0: none */

static const int ending_signals[] = {SIGHUP, SIGINT, SIGTERM};
enum { ENDING_SIGNALS = sizeof ending_signals / sizeof ending_signals[0] };

static void on_signal(int number)
{
    caught = number;
    if (running)
        kill((pid_t)running, number);
}

void cc_hold_signals(void)
{
    for (int i = 0; i < ENDING_SIGNALS; i++) {
        struct sigaction action;

        /* One that is ignored (nohup) stays so. */
        sigaction(ending_signals[i], NULL, &action);
        if (action.sa_handler == SIG_IGN)
            continue;
        action = (struct sigaction){.sa_handler = on_signal};
        sigaction(ending_signals[i], &action, NULL);
    }
}

void cc_obey_signals(void)
{
    if (!caught)
        return;
    signal(caught, SIG_DFL);
    raise(caught);
}

/* Starts a command. The signals wait until it is known which process they are to end. */
static int start(const struct words *command)
{
    const char *name = command->list[0];
    posix_spawnattr_t attributes;
    sigset_t ending, before;
    pid_t process;
    int error;

    sigemptyset(&ending);
    for (int i = 0; i < ENDING_SIGNALS; i++)
        sigaddset(&ending, ending_signals[i]);
    sigprocmask(SIG_BLOCK, &ending, &before);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
    posix_spawnattr_setsigmask(&attributes, &before);
    error =
        posix_spawnp(&process, name, NULL, &attributes, (char **)(uintptr_t)command->list, environ);
    posix_spawnattr_destroy(&attributes);
    if (!error)
        running = process;
    sigprocmask(SIG_SETMASK, &before, NULL);
    return error;
}

/* Bytes of a command line; the system allows more, but not much more, and less with a large
 * environment. */
#define LONGEST_COMMAND 100000

static size_t length_of(const struct words *command)
{
    size_t length = 0;

    for (size_t i = 0; i < command->count; i++)
        length += strlen(command->list[i]) + 1;
    return length;
}

/* Puts the words after the first into a file, each character such that it stands for itself. */
static bool write_words(const struct words *command, const char *path)
{
    FILE *file = fopen(path, "w");

    for (size_t i = 1; file && i < command->count; i++) {
        for (const char *c = command->list[i]; *c; c++)
            fprintf(file, strchr(" \t\n\v\f\r\"'\\", *c) ? "\\%c" : "%c", *c);
        fputs(*command->list[i] ? "\n" : "\"\"\n", file);
    }
    return (file && fclose(file) == 0) || cc_fail("%s: %s", path, strerror(errno));
}

/* The command itself, or one that names a file with its words. NULL after a message. */
static const struct words *shortened(const struct words *command, struct words *room)
{
    const char *path;

    if (length_of(command) <= LONGEST_COMMAND)
        return command;
    if (!cc_temporary())
        return NULL;
    path = cc_format("%s/words", cc_temporary());
    if (!write_words(command, path))
        return NULL;
    words_add(room, command->list[0]);
    words_add(room, cc_format("@%s", path));
    return room;
}

static void print_command(const struct words *command)
{
    for (size_t i = 0; i < command->count; i++)
        fprintf(stderr, "%s%s", i ? " " : "", command->list[i]);
    fputc('\n', stderr);
}

bool cc_run(const struct words *command, bool is_verbose)
{
    const char *name = command->list[0];
    struct words room = {0};
    int status, error;

    if (caught)
        return false;
    if (is_verbose)
        print_command(command);
    command = shortened(command, &room);
    if (!command)
        return false;
    error = start(command);
    if (error == ENOENT)
        return cc_fail("the program %s is not installed%s", name,
                       strcmp(name, "clang") == 0 ? "; it compiles C: apt-get install clang" : "");
    if (error)
        return cc_fail("the program %s cannot be run: %s", name, strerror(error));
    while (waitpid((pid_t)running, &status, 0) < 0)
        if (errno != EINTR)
            return cc_fail("the program %s was lost: %s", name, strerror(errno));
    running = 0;
    if (caught)
        return false;
    if (WIFSIGNALED(status))
        return cc_fail("the program %s was ended by signal %d", name, WTERMSIG(status));
    return WEXITSTATUS(status) == 0;
}

/* --- Temporary files
 * -------------------------------------------------------------------------------- */

static char *temporary;

const char *cc_temporary(void)
{
    const char *folder = getenv("TMPDIR");

    if (temporary)
        return temporary;
    temporary = cc_format("%s/tg-cc-XXXXXX", folder && *folder ? folder : "/tmp");
    if (!mkdtemp(temporary)) {
        cc_fail("no folder for temporary files can be made as %s: %s", temporary, strerror(errno));
        temporary = NULL;
    }
    return temporary;
}

void cc_clean_up(void)
{
    DIR *folder = temporary ? opendir(temporary) : NULL;
    struct dirent *entry;

    if (!folder)
        return;
    while ((entry = readdir(folder)) != NULL)
        unlinkat(dirfd(folder), entry->d_name, 0);
    closedir(folder);
    rmdir(temporary);
    temporary = NULL;
}
