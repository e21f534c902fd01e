/* See options.h. */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LONGEST_WORD 63
#define MOST_OPTIONS 64

/* Number of single-letter edits between two words (Levenshtein), words longer than LONGEST_WORD count as far away. */
static size_t edit_distance(const char *a, const char *b)
{
    size_t la = strlen(a), lb = strlen(b);
    if (la > LONGEST_WORD || lb > LONGEST_WORD)
        return LONGEST_WORD;
    size_t row[LONGEST_WORD + 1];
    for (size_t j = 0; j <= lb; j++)
        row[j] = j;
    for (size_t i = 1; i <= la; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= lb; j++) {
            size_t best = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            if (row[j] + 1 < best)
                best = row[j] + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            row[j] = best;
        }
    }
    return row[lb];
}

const char *nearest_name(const char *word, const char *const *names, size_t count)
{
    const char *best = NULL;
    size_t best_distance = strlen(word) / 2 + 1; /* as far as that is no likeness */
    for (size_t i = 0; i < count; i++) {
        size_t distance = edit_distance(word, names[i]);
        if (strncmp(word, names[i], strlen(word)) == 0 && distance > 1)
            distance = 1;
        if (distance < best_distance) {
            best_distance = distance;
            best = names[i];
        }
    }
    return best;
}

static bool number_read(const char *text, uint64_t kilo, uint64_t *ret_value)
{
    char *end;
    if (text[0] < '0' || text[0] > '9')
        return false;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 0);
    if (errno != 0)
        return false;
    uint64_t scale = 1;
    switch (*end) {
    case 'G':
    case 'g':
        scale *= kilo; /* fall through */
    case 'M':
    case 'm':
        scale *= kilo; /* fall through */
    case 'K':
    case 'k':
        scale *= kilo;
        end++;
    }
    if (*end != '\0' || value > UINT64_MAX / scale)
        return false;
    *ret_value = value * scale;
    return true;
}

/* The dashes that a name is written with. */
static const char *dashes(const char *name)
{
    return name[1] == '\0' ? "-" : "--";
}

static bool unknown_option(const char *program, const struct option_row *rows, const char *word)
{
    const char *names[MOST_OPTIONS];
    size_t count = 0;
    for (; rows->name != NULL && count < MOST_OPTIONS; rows++)
        names[count++] = rows->name;
    char name[LONGEST_WORD + 1];
    size_t length = strcspn(word, "=");
    snprintf(name, sizeof name, "%.*s", (int)(length < LONGEST_WORD ? length : LONGEST_WORD), word);
    const char *near = nearest_name(name, names, count);
    if (near != NULL)
        fprintf(stderr, "%s: unknown option %s%s; did you mean %s%s?\n", program, dashes(name), name, dashes(near),
                near);
    else
        fprintf(stderr, "%s: unknown option %s%s; %s --help lists all\n", program, dashes(name), name, program);
    return false;
}

static bool value_store(const char *program, const struct option_row *row, const char *value)
{
    switch (row->kind) {
    case OPTION_FLAG:
        *(bool *)row->target = true;
        return true;
    case OPTION_TEXT:
        *(const char **)row->target = value;
        return true;
    case OPTION_LIST: {
        struct option_list *list = row->target;
        if (list->count < OPTION_LIST_MOST) {
            list->items[list->count++] = value;
            return true;
        }
        fprintf(stderr, "%s: %s%s is given more than %d times\n", program, dashes(row->name), row->name,
                OPTION_LIST_MOST);
        return false;
    }
    case OPTION_COUNT:
    case OPTION_SIZE:
        if (number_read(value, row->kind == OPTION_SIZE ? 1024 : 1000, row->target))
            return true;
        fprintf(stderr, "%s: %s%s %s: expected a number such as %s\n", program, dashes(row->name), row->name, value,
                row->kind == OPTION_SIZE ? "65536, 512K or 64M" : "1000, 0x400, 500K or 20M");
        return false;
    }
    return false;
}

/* The option that getopt_long has just refused, as the user wrote it. */
static bool refused(const char *program, const struct option_row *rows, int code, const char *word)
{
    const char *name = word + strspn(word, "-");
    if (code == ':') {
        fprintf(stderr, "%s: %s%s needs a value; %s --help shows it\n", program, dashes(name), name, program);
        return false;
    }
    size_t length = strcspn(name, "=");
    for (const struct option_row *row = rows; row->name != NULL; row++)
        if (row->kind == OPTION_FLAG && strncmp(row->name, name, length) == 0 && name[length] == '=') {
            fprintf(stderr, "%s: --%s takes no value, found \"%s\"\n", program, row->name, name + length + 1);
            return false;
        }
    return unknown_option(program, rows, name);
}

/* Splits the rows into what getopt_long takes: names, and letters with a colon where a value follows. */
static void split_rows(const struct option_row *rows, struct option *longs, char *letters)
{
    *letters++ = ':';
    for (int i = 0; rows[i].name != NULL && i < MOST_OPTIONS; i++) {
        bool is_flag = rows[i].kind == OPTION_FLAG;
        longs[i] = (struct option){rows[i].name, is_flag ? no_argument : required_argument, NULL, 0};
        if (rows[i].name[1] != '\0')
            continue;
        *letters++ = rows[i].name[0];
        if (!is_flag)
            *letters++ = ':';
    }
    *letters = '\0';
}

/* The row that getopt_long has found: by number, or by its letter. */
static const struct option_row *found_row(const struct option_row *rows, int code, int index)
{
    if (code == 0)
        return &rows[index];
    while (rows->name[0] != code || rows->name[1] != '\0')
        rows++;
    return rows;
}

bool options_read(const char *program, const struct option_row *rows, int argc, char **argv, int *ret_operands)
{
    struct option longs[MOST_OPTIONS + 1] = {{0}};
    char letters[2 * MOST_OPTIONS + 2];
    split_rows(rows, longs, letters);
    optind = 0; /* start anew */
    opterr = 0;
    int code, index;
    while ((code = getopt_long(argc, argv, letters, longs, &index)) != -1) {
        if (code == '?' || code == ':')
            return refused(program, rows, code, argv[optind - 1]);
        if (!value_store(program, found_row(rows, code, index), optarg))
            return false;
    }
    *ret_operands = optind;
    return true;
}

void options_help(const struct option_row *rows)
{
    for (; rows->name != NULL; rows++) {
        char left[64];
        snprintf(left, sizeof left, "%s%s %s", dashes(rows->name), rows->name,
                 rows->argument != NULL ? rows->argument : "");
        printf("  %-24s %s\n", left, rows->help);
    }
}
