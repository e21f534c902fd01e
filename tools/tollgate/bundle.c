/* See bundle.h. */
#include "bundle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MOST_PATH 4096

/* Seen from the folder of the program: where the build has it, and where an installation has it. */
static const char *const places[][2] = {
    [BUNDLE_KERNEL] = {"/../guestos/kernel/turnpike", "/../share/tollgate/turnpike"},
    [BUNDLE_DISK] = {"/../guestos/disk.img", "/../share/tollgate/disk.img"},
};

static const char *const names[] = {[BUNDLE_KERNEL] = "kernel", [BUNDLE_DISK] = "disk image"};

/* The folder that this program lies in, without a slash at its end. */
static int own_folder(char folder[MOST_PATH])
{
    ssize_t length = readlink("/proc/self/exe", folder, MOST_PATH - 1);
    char *slash;

    if (length < 0)
        return -1;
    folder[length] = '\0';
    slash = strrchr(folder, '/');
    if (slash == NULL)
        return -1;
    *slash = '\0';
    return 0;
}

char *bundle_find(enum bundle_file file)
{
    char folder[MOST_PATH];

    if (own_folder(folder) != 0) {
        fputs("tollgate: cannot tell where this program lies, so not where the guest OS is either; name an IMAGE\n",
              stderr);
        return NULL;
    }
    for (size_t i = 0; i < sizeof places[0] / sizeof places[0][0]; i++) {
        size_t size = strlen(folder) + strlen(places[file][i]) + 1;
        char *path = malloc(size);

        if (path == NULL)
            return NULL;
        snprintf(path, size, "%s%s", folder, places[file][i]);
        if (access(path, R_OK) == 0)
            return path;
        free(path);
    }
    fprintf(stderr,
            "tollgate: no IMAGE given, and the %s of the guest OS is neither at %s%s nor at %s%s; build all "
            "(ninja), or name an IMAGE, as in tollgate run hello.tg\n",
            names[file], folder, places[file][0], folder, places[file][1]);
    return NULL;
}

/* Seen from the folder of the program, with the name between the two parts. */
static const struct {
    bool is_server;
    const char *folder, *ending;
} programs[] = {
    {false, "/../guestos/user/", ".elf"},
    {false, "/../share/tollgate/programs/", ".elf"},
    {true, "/../guestos/services/", ".server.elf"},
    {true, "/../share/tollgate/programs/", ".server.elf"},
};

char *bundle_program(const char *name, bool is_server)
{
    char folder[MOST_PATH];

    if (name[0] == '\0' || name[0] == '.' || strchr(name, '/') != NULL || own_folder(folder) != 0)
        return NULL; /* the name is the guest's: it may not lead elsewhere */
    for (size_t i = 0; i < sizeof programs / sizeof programs[0]; i++) {
        size_t size = strlen(folder) + strlen(programs[i].folder) + strlen(name) + strlen(programs[i].ending) + 1;
        char *path = programs[i].is_server == is_server ? malloc(size) : NULL;

        if (path == NULL)
            continue;
        snprintf(path, size, "%s%s%s%s", folder, programs[i].folder, name, programs[i].ending);
        if (access(path, R_OK) == 0)
            return path;
        free(path);
    }
    return NULL;
}
