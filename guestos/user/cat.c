/* cat: prints files. */
#include <unistd.h>

#include "user.h"

static int print(int file, const char *name)
{
    static char bytes[4096];
    int count;

    while ((count = (int)read(file, bytes, sizeof bytes)) > 0)
        if (!user_write("cat", 1, bytes, (unsigned)count))
            return 1;
    return count < 0 ? user_fail("cat", name ? name : "input") : 0;
}

int main(int argc, char **argv)
{
    (void)argc;
    return user_each_file("cat", argv + 1, print);
}
