/* head: the first lines of files. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "user.h"

static unsigned wanted = 10;

static int print(int file, const char *name)
{
    char bytes[1024];
    unsigned left = wanted;
    int count = 0;

    while (left > 0 && (count = (int)read(file, bytes, sizeof bytes)) > 0) {
        unsigned used = 0;

        while (used < (unsigned)count && left > 0)
            left -= bytes[used++] == '\n';
        if (!user_write("head", 1, bytes, used))
            return 1;
    }
    return count < 0 ? user_fail("head", name ? name : "input") : 0;
}

int main(int argc, char **argv)
{
    static const char usage[] = "head [-n LINES] [FILE...]";
    int first = 1;

    if (argc > 2 && strcmp(argv[1], "-n") == 0) {
        if (!user_number(argv[2], 1000000000, &wanted))
            return user_usage(usage);
        first = 3;
    } else if (argc > 1 && argv[1][0] == '-' && argv[1][1]) {
        if (!user_number(argv[1] + 1, 1000000000, &wanted))
            return user_usage(usage);
        first = 2;
    }
    return user_each_file("head", argv + first, print);
}
