/* echo: prints its arguments, in one piece. */
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
    int has_line = argc < 2 || strcmp(argv[1], "-n") != 0;

    for (int i = has_line ? 1 : 2; i < argc; i++)
        printf(i + 1 < argc ? "%s " : "%s", argv[i]);
    if (has_line)
        putchar('\n');
    return fflush(stdout) == 0 ? 0 : 1;
}
