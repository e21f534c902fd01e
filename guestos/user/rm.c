/* rm: removes files; with -r folders and what is in them, with -f without complaints of what is not there. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "turnpike/abi.h"
#include "user.h"

static bool is_recursive, is_forced;

static int remove_path(const char *path);

/* The first entry of a folder that can be removed, as a path; false if there is none. */
static bool find_entry(const char *folder, unsigned skipped, char path[TP_PATH_BYTES])
{
    DIR *directory = opendir(folder);
    const struct dirent *entry;
    bool is_found = false;

    while (directory && !is_found && (entry = readdir(directory)) != NULL)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 && skipped-- == 0)
            is_found = user_join(path, TP_PATH_BYTES, folder, entry->d_name);
    if (directory)
        closedir(directory);
    return is_found;
}

static int remove_folder(const char *folder)
{
    char path[TP_PATH_BYTES];
    unsigned kept = 0;

    /* Each time from the start: removing entries moves others. */
    while (find_entry(folder, kept, path))
        kept += remove_path(path) != 0;
    if (rmdir(folder) != 0)
        return user_fail("rm", folder);
    return kept > 0;
}

static int remove_path(const char *path)
{
    struct stat status;

    if (stat(path, &status) != 0)
        return is_forced && errno == ENOENT ? 0 : user_fail("rm", path);
    if (S_ISDIR(status.st_mode)) {
        if (is_recursive)
            return remove_folder(path);
        errno = EISDIR;
        return user_fail("rm", path);
    }
    return unlink(path) != 0 ? user_fail("rm", path) : 0;
}

int main(int argc, char **argv)
{
    int first = 1, result = 0;

    for (; first < argc && argv[first][0] == '-' && argv[first][1]; first++) {
        for (const char *at = argv[first] + 1; *at; at++) {
            if (!strchr("rf", *at))
                return user_usage("rm [-rf] FILE...");
            is_recursive = is_recursive || *at == 'r';
            is_forced = is_forced || *at == 'f';
        }
    }
    if (first == argc && !is_forced)
        return user_usage("rm [-rf] FILE...");
    for (; first < argc; first++)
        result |= remove_path(argv[first]);
    return result;
}
