/* See user.h. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "user.h"

int user_fail(const char *program, const char *what)
{
    dprintf(2, "%s: %s: %s\n", program, what, strerror(errno));
    return 1;
}

int user_usage(const char *line)
{
    dprintf(2, "usage: %s\n", line);
    return 2;
}

int user_each_file(const char *program, char **names, int (*work)(int file, const char *name))
{
    int result = 0;

    if (!*names)
        return work(0, NULL);
    for (; *names; names++) {
        bool is_input = strcmp(*names, "-") == 0;
        int file = is_input ? 0 : open(*names, O_RDONLY), one;

        one = file < 0 ? user_fail(program, *names) : work(file, is_input ? NULL : *names);
        result = one > result ? one : result;
        if (file > 0)
            close(file);
    }
    return result;
}

bool user_write(const char *program, int file, const void *bytes, unsigned count)
{
    const char *at = bytes;

    while (count > 0) {
        int done = (int)write(file, at, count);

        if (done < 0) {
            user_fail(program, "output");
            return false;
        }
        at += done;
        count -= (unsigned)done;
    }
    return true;
}

bool user_number(const char *text, unsigned most, unsigned *ret_number)
{
    unsigned number = 0;

    if (!*text)
        return false;
    for (; *text; text++) {
        unsigned digit = (unsigned)(*text - '0');

        if (digit > 9 || digit > most || number > (most - digit) / 10)
            return false;
        number = number * 10 + digit;
    }
    *ret_number = number;
    return true;
}

bool user_join(char *path, unsigned bytes, const char *folder, const char *name)
{
    size_t length = strlen(folder);
    const char *between = length > 0 && folder[length - 1] == '/' ? "" : "/";

    return snprintf(path, bytes, "%s%s%s", folder, between, name) < (int)bytes;
}

const char *user_base(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash && slash[1] ? slash + 1 : path;
}
