/* wc: counts lines, words and bytes. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "user.h"

enum { LINES = 1, WORDS = 2, BYTES = 4 };

struct counts {
    unsigned lines, words, bytes;
};

static unsigned wanted;
static struct counts total;

static void print(const struct counts *counts, const char *name)
{
    const unsigned numbers[] = {counts->lines, counts->words, counts->bytes};
    const char *between = "";

    for (int i = 0; i < 3; i++) {
        if (!(wanted & 1u << i))
            continue;
        printf(wanted & (wanted - 1) ? "%s%7u" : "%s%u", between, numbers[i]);
        between = " ";
    }
    if (name)
        printf(" %s", name);
    putchar('\n');
}

static int count_file(int file, const char *name)
{
    static char bytes[4096];
    struct counts counts = {0};
    bool is_in_word = false;
    int count;

    while ((count = (int)read(file, bytes, sizeof bytes)) > 0) {
        counts.bytes += (unsigned)count;
        for (int i = 0; i < count; i++) {
            bool is_space = isspace((unsigned char)bytes[i]);

            counts.lines += bytes[i] == '\n';
            counts.words += !is_space && !is_in_word;
            is_in_word = !is_space;
        }
    }
    if (count < 0)
        return user_fail("wc", name ? name : "input");
    total.lines += counts.lines;
    total.words += counts.words;
    total.bytes += counts.bytes;
    print(&counts, name);
    return 0;
}

int main(int argc, char **argv)
{
    int first = 1, result;

    for (; first < argc && argv[first][0] == '-' && argv[first][1]; first++) {
        for (const char *at = argv[first] + 1; *at; at++) {
            if (!strchr("lwc", *at))
                return user_usage("wc [-lwc] [FILE...]");
            wanted |= *at == 'l' ? LINES : *at == 'w' ? WORDS : BYTES;
        }
    }
    wanted = wanted ? wanted : LINES | WORDS | BYTES;
    result = user_each_file("wc", argv + first, count_file);
    if (argc - first > 1)
        print(&total, "total");
    return result;
}
