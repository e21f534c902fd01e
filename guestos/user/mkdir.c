/* mkdir: makes folders. */
#include <sys/stat.h>

#include "user.h"

int main(int argc, char **argv)
{
    int result = 0;

    if (argc < 2)
        return user_usage("mkdir FOLDER...");
    for (int i = 1; i < argc; i++)
        if (mkdir(argv[i], 0777) != 0)
            result = user_fail("mkdir", argv[i]);
    return result;
}
