/* grep: prints the lines that match a pattern. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "match.h"
#include "user.h"

enum { MOST_LINE = 4096 };

static const char *pattern;
static struct {
    bool is_inverted, is_case_ignored, has_numbers, is_count, is_names, is_quiet, has_names;
} options;
static bool is_found;

static bool *find_option(char letter)
{
    static const struct {
        char letter;
        bool *option;
    } letters[] = {{'v', &options.is_inverted}, {'i', &options.is_case_ignored},
                   {'n', &options.has_numbers}, {'c', &options.is_count},
                   {'l', &options.is_names},    {'q', &options.is_quiet}};

    for (size_t i = 0; i < sizeof letters / sizeof letters[0]; i++)
        if (letters[i].letter == letter)
            return letters[i].option;
    return NULL;
}

static void print_line(const char *name, unsigned number, const char *line)
{
    if (options.has_names)
        printf("%s:", name);
    if (options.has_numbers)
        printf("%u:", number);
    puts(line);
}

/* The next line without its end; a longer one comes in pieces. False at the end. */
static bool read_line(FILE *input, char line[MOST_LINE])
{
    size_t length;

    if (!fgets(line, MOST_LINE, input))
        return false;
    length = strlen(line);
    if (length > 0 && line[length - 1] == '\n')
        line[length - 1] = '\0';
    return true;
}

static int search(int file, const char *name)
{
    static char line[MOST_LINE];
    FILE *input = file == 0 ? stdin : fdopen(dup(file), "r");
    unsigned number = 0, count = 0;
    bool has_failed;

    if (!input)
        return 2 * user_fail("grep", name);
    name = name ? name : "(input)";
    while (read_line(input, line)) {
        number++;
        if (match_find(pattern, line, options.is_case_ignored) == options.is_inverted)
            continue;
        count++;
        is_found = true;
        if (options.is_quiet || options.is_names)
            break;
        if (!options.is_count)
            print_line(name, number, line);
    }
    has_failed = ferror(input);
    if (input != stdin)
        fclose(input);
    if (has_failed)
        return 2 * user_fail("grep", name);
    if (options.is_names && count > 0)
        puts(name);
    else if (options.is_count)
        printf(options.has_names ? "%s:%u\n" : "%.0s%u\n", name, count);
    return 0;
}

int main(int argc, char **argv)
{
    static const char usage[] = "grep [-vincl] PATTERN [FILE...]";
    const char *error;
    int first = 1, result;

    for (; first < argc && argv[first][0] == '-' && argv[first][1]; first++) {
        for (const char *at = argv[first] + 1; *at; at++) {
            if (!find_option(*at))
                return user_usage(usage);
            *find_option(*at) = true;
        }
    }
    if (first == argc)
        return user_usage(usage);
    pattern = argv[first++];
    error = match_check(pattern);
    if (error) {
        dprintf(2, "grep: %s: %s\n", pattern, error);
        return 2;
    }
    options.has_names = argc - first > 1;
    result = user_each_file("grep", argv + first, search);
    return result ? 2 : !is_found;
}
