/* ls: names in folders, in order; with -l what they are, with -a those that begin with a dot too. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "turnpike/abi.h"
#include "user.h"

static bool is_long, has_all;

static char kind_of(const struct stat *status)
{
    return S_ISDIR(status->st_mode)    ? 'd'
           : S_ISCHR(status->st_mode)  ? 'c'
           : S_ISFIFO(status->st_mode) ? 'p'
                                       : '-';
}

static int print(const char *path, const char *name)
{
    struct stat status;

    if (is_long) {
        if (stat(path, &status) != 0)
            return user_fail("ls", path);
        printf("%c %5u %3u %9u ", kind_of(&status), (unsigned)status.st_ino,
               (unsigned)status.st_nlink, (unsigned)status.st_size);
    }
    puts(name);
    return 0;
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Adds a name to a list that grows; false: no memory. */
static bool add(char ***list, size_t *count, const char *name)
{
    if ((*count & (*count - 1)) == 0) {
        char **larger = realloc(*list, (*count ? 2 * *count : 1) * sizeof *larger);

        if (!larger)
            return false;
        *list = larger;
    }
    (*list)[*count] = strdup(name);
    if (!(*list)[*count])
        return false;
    ++*count;
    return true;
}

static int list_folder(const char *folder)
{
    DIR *directory = opendir(folder);
    const struct dirent *entry;
    char **names = NULL;
    size_t count = 0;
    int result = 0;

    if (!directory)
        return user_fail("ls", folder);
    while ((entry = readdir(directory)) != NULL) {
        if (entry->d_name[0] == '.' && !has_all)
            continue;
        if (!add(&names, &count, entry->d_name)) {
            result = user_fail("ls", folder);
            break;
        }
    }
    closedir(directory);
    if (count > 1)
        qsort(names, count, sizeof *names, compare);
    for (size_t i = 0; i < count; i++) {
        char path[TP_PATH_BYTES];

        if (user_join(path, sizeof path, folder, names[i]))
            result |= print(path, names[i]);
        free(names[i]);
    }
    free(names);
    return result;
}

static int list(const char *path, bool has_title)
{
    struct stat status;

    if (stat(path, &status) != 0)
        return user_fail("ls", path);
    if (!S_ISDIR(status.st_mode))
        return print(path, path);
    if (has_title)
        printf("%s:\n", path);
    return list_folder(path);
}

int main(int argc, char **argv)
{
    int first = 1, result = 0;

    for (; first < argc && argv[first][0] == '-' && argv[first][1]; first++) {
        for (const char *at = argv[first] + 1; *at; at++) {
            if (!strchr("la", *at))
                return user_usage("ls [-la] [FILE or FOLDER...]");
            is_long = is_long || *at == 'l';
            has_all = has_all || *at == 'a';
        }
    }
    if (first == argc)
        return list(".", false);
    for (int i = first; i < argc; i++)
        result |= list(argv[i], argc - first > 1);
    return result;
}
