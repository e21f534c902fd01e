/* Other programs, and temporary files. */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
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

static void print_command(const struct words *command)
{
    for (size_t i = 0; i < command->count; i++)
        fprintf(stderr, "%s%s", i ? " " : "", command->list[i]);
    fputc('\n', stderr);
}

bool cc_run(const struct words *command, bool is_verbose)
{
    const char *name = command->list[0];
    pid_t process;
    int status, error;

    if (is_verbose)
        print_command(command);
    error = posix_spawnp(&process, name, NULL, NULL, (char **)(uintptr_t)command->list, environ);
    if (error == ENOENT)
        return cc_fail("the program %s is not installed%s", name,
                       strcmp(name, "clang") == 0 ? "; it compiles C: apt-get install clang" : "");
    if (error)
        return cc_fail("the program %s cannot be run: %s", name, strerror(error));
    while (waitpid(process, &status, 0) < 0)
        if (errno != EINTR)
            return cc_fail("the program %s was lost: %s", name, strerror(errno));
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
