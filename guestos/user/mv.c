/* mv: gives files other names, or puts them into a folder. */
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "turnpike/abi.h"
#include "user.h"

int main(int argc, char **argv)
{
    struct stat status;
    bool is_folder;
    int result = 0;

    if (argc < 3)
        return user_usage("mv FILE... NEW-NAME or FOLDER");
    is_folder = stat(argv[argc - 1], &status) == 0 && S_ISDIR(status.st_mode);
    if (argc > 3 && !is_folder) {
        errno = ENOTDIR;
        return user_fail("mv", argv[argc - 1]);
    }
    for (int i = 1; i < argc - 1; i++) {
        char path[TP_PATH_BYTES];
        const char *to = argv[argc - 1];

        if (is_folder && user_join(path, sizeof path, to, user_base(argv[i])))
            to = path;
        if (rename(argv[i], to) != 0)
            result = user_fail("mv", argv[i]);
    }
    return result;
}
