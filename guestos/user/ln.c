/* ln: one more name for a file. */
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "turnpike/abi.h"
#include "user.h"

int main(int argc, char **argv)
{
    char path[TP_PATH_BYTES];
    struct stat status;
    const char *to = argc > 2 ? argv[2] : ".";

    if (argc < 2 || argc > 3)
        return user_usage("ln FILE [NEW-NAME or FOLDER]");
    if (stat(to, &status) == 0 && S_ISDIR(status.st_mode) &&
        user_join(path, sizeof path, to, user_base(argv[1])))
        to = path;
    return link(argv[1], to) != 0 ? user_fail("ln", to) : 0;
}
