/* fill: processes that write files at the same time, read them back and compare. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "user.h"

enum { BLOCK = 1024 };

static void make_block(unsigned char *block, unsigned process, unsigned number)
{
    for (unsigned i = 0; i < BLOCK; i++)
        block[i] = (unsigned char)(i * 7 + process * 31 + number * 13 + (i >> 8));
}

static int write_blocks(const char *path, unsigned process, unsigned blocks)
{
    unsigned char block[BLOCK];
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);

    if (file < 0)
        return user_fail("fill", path);
    for (unsigned i = 0; i < blocks; i++) {
        make_block(block, process, i);
        if (!user_write("fill", file, block, BLOCK))
            return 1;
    }
    return close(file);
}

static int compare_blocks(const char *path, unsigned process, unsigned blocks)
{
    unsigned char block[BLOCK], expected[BLOCK];
    int file = open(path, O_RDONLY);

    if (file < 0)
        return user_fail("fill", path);
    for (unsigned i = 0; i < blocks; i++) {
        make_block(expected, process, i);
        if (read(file, block, BLOCK) != BLOCK || memcmp(block, expected, BLOCK) != 0) {
            dprintf(2, "fill: %s: block %u is not what was written\n", path, i);
            return 1;
        }
    }
    return close(file);
}

static int work(unsigned process, unsigned blocks)
{
    char path[24];
    int result;

    snprintf(path, sizeof path, "fill.%u", process);
    result = write_blocks(path, process, blocks) || compare_blocks(path, process, blocks);
    if (unlink(path) != 0)
        result = user_fail("fill", path);
    return result;
}

int main(int argc, char **argv)
{
    unsigned processes = 4, blocks = 64;
    int status, result = 0;

    if (argc > 3 || (argc > 1 && !user_number(argv[1], 64, &processes)) ||
        (argc > 2 && !user_number(argv[2], 16384, &blocks)))
        return user_usage("fill [PROCESSES [KIB-EACH]]");
    for (unsigned i = 0; i < processes; i++) {
        pid_t child = fork();

        if (child < 0)
            result = user_fail("fill", "new process");
        if (child == 0)
            _exit(work(i, blocks));
    }
    while (wait(&status) > 0)
        result |= status != 0;
    if (result == 0)
        printf("%u files of %u KiB written, read and compared\n", processes, blocks);
    return result;
}
