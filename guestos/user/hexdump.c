/* hexdump: the bytes of files, 16 a line: offset, hexadecimal, text. */
#include <ctype.h>
#include <stdio.h>
#include <unistd.h>

#include "user.h"

static void print_line(unsigned offset, const unsigned char *bytes, unsigned count)
{
    char text[17];

    printf("%08x ", offset);
    for (unsigned i = 0; i < 16; i++) {
        if (i < count)
            printf(i == 8 ? "  %02x" : " %02x", bytes[i]);
        else
            fputs(i == 8 ? "    " : "   ", stdout);
        text[i] = i >= count ? '\0' : isprint(bytes[i]) ? (char)bytes[i] : '.';
    }
    text[16] = '\0';
    printf("  |%s|\n", text);
}

static int dump(int file, const char *name)
{
    unsigned char bytes[512];
    unsigned offset = 0, used = 0;
    int count;

    do {
        count = (int)read(file, bytes + used, sizeof bytes - used);
        used += count > 0 ? (unsigned)count : 0;
        /* Whole lines, but at the end. */
        for (unsigned at = 0; at < used; at += 16) {
            unsigned length = used - at < 16 ? used - at : 16;

            if (length < 16 && count > 0) {
                for (unsigned i = 0; i < length; i++)
                    bytes[i] = bytes[at + i];
                used = length;
                break;
            }
            print_line(offset, bytes + at, length);
            offset += length;
            if (at + 16 >= used)
                used = 0;
        }
    } while (count > 0);
    return count < 0 ? user_fail("hexdump", name ? name : "input") : 0;
}

int main(int argc, char **argv)
{
    (void)argc;
    return user_each_file("hexdump", argv + 1, dump);
}
