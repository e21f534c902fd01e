/* tail: the last lines of files, of which the last 16 KiB are looked at. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "user.h"

enum { KEPT = 16384 };

static unsigned wanted = 10;

static int print(int file, const char *name)
{
    static char bytes[2 * KEPT];
    unsigned used = 0, first, lines = 0;
    int count;

    while ((count = (int)read(file, bytes + used, sizeof bytes - used)) > 0) {
        used += (unsigned)count;
        if (used == sizeof bytes) {
            memmove(bytes, bytes + KEPT, KEPT);
            used = KEPT;
        }
    }
    if (count < 0)
        return user_fail("tail", name ? name : "input");
    for (first = used; first > 0; first--)
        if (first < used && bytes[first - 1] == '\n' && ++lines == wanted)
            break;
    if (wanted == 0)
        first = used;
    return user_write("tail", 1, bytes + first, used - first) ? 0 : 1;
}

int main(int argc, char **argv)
{
    static const char usage[] = "tail [-n LINES] [FILE...]";
    int first = 1;

    if (argc > 2 && strcmp(argv[1], "-n") == 0) {
        if (!user_number(argv[2], KEPT, &wanted))
            return user_usage(usage);
        first = 3;
    } else if (argc > 1 && argv[1][0] == '-' && argv[1][1]) {
        if (!user_number(argv[1] + 1, KEPT, &wanted))
            return user_usage(usage);
        first = 2;
    }
    return user_each_file("tail", argv + first, print);
}
