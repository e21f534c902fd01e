/*
 * Texts of source files, see program.h. A file that cannot be read is remembered as such, until
 * tg_sources_forget.
 */
#define _POSIX_C_SOURCE 200809L /* strdup, strnlen */
#include "debug/program.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define LARGEST_SOURCE (1u << 24)
#define MAX_PATH_BYTES 4096

struct source {
    char *path;  /* as asked for */
    char *found; /* where it was; NULL: nowhere */
    char *text;
    uint32_t *lines; /* where each begins, and the end */
    unsigned count;
    struct source *next;
};

struct rule { /* a folder (to is NULL) or a substitution */
    char *from, *to;
    struct rule *next;
};

struct tg_sources {
    struct source *sources; /* the one asked for last comes first */
    struct rule *rules;     /* the one given last comes first */
};

struct tg_sources *tg_sources_create(void)
{
    return calloc(1, sizeof(struct tg_sources));
}

void tg_sources_forget(struct tg_sources *sources)
{
    for (struct source *source = sources->sources, *next; source != NULL; source = next) {
        next = source->next;
        free(source->path);
        free(source->found);
        free(source->text);
        free(source->lines);
        free(source);
    }
    sources->sources = NULL;
}

void tg_sources_destroy(struct tg_sources *sources)
{
    if (sources == NULL)
        return;
    tg_sources_forget(sources);
    for (struct rule *rule = sources->rules, *next; rule != NULL; rule = next) {
        next = rule->next;
        free(rule->from);
        free(rule->to);
        free(rule);
    }
    free(sources);
}

static int add_rule(struct tg_sources *sources, const char *from, const char *to)
{
    struct rule *rule = calloc(1, sizeof *rule);
    if (rule == NULL)
        return TG_E_NOMEM;
    rule->from = strdup(from);
    rule->to = to != NULL ? strdup(to) : NULL;
    if (rule->from == NULL || (to != NULL && rule->to == NULL)) {
        free(rule->from);
        free(rule->to);
        free(rule);
        return TG_E_NOMEM;
    }
    rule->next = sources->rules;
    sources->rules = rule;
    tg_sources_forget(sources);
    return TG_OK;
}

int tg_sources_add_folder(struct tg_sources *sources, const char *folder)
{
    return add_rule(sources, folder, NULL);
}

int tg_sources_substitute(struct tg_sources *sources, const char *from, const char *to)
{
    return from[0] != '\0' ? add_rule(sources, from, to) : TG_E_ARGUMENT;
}

/* --- Reading ---------------------------------------------------------------------------------- */

/* A regular file as a whole, ended by a newline; anything else (a device, a pipe) is not opened. */
static bool read_text(struct source *source, const char *path, size_t *ret_size)
{
    struct stat status;
    if (stat(path, &status) != 0 || !S_ISREG(status.st_mode) || status.st_size < 0 ||
        status.st_size > LARGEST_SOURCE)
        return false;
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return false;
    size_t size = (size_t)status.st_size;
    source->text = malloc(size + 1);
    source->found = strdup(path);
    if (source->text != NULL) {
        *ret_size = fread(source->text, 1, size, file);
        source->text[*ret_size] = '\n';
    }
    fclose(file);
    return source->text != NULL && source->found != NULL;
}

static bool find_lines(struct source *source, size_t size)
{
    uint32_t count = 0;
    for (size_t i = 0; i <= size; i++)
        count += source->text[i] == '\n';
    source->lines = malloc((count + 1u) * sizeof *source->lines);
    if (source->lines == NULL)
        return false;
    source->lines[0] = 0;
    for (size_t i = 0; i <= size; i++)
        if (source->text[i] == '\n')
            source->lines[++source->count] = (uint32_t)i + 1;
    if (size != 0 && source->text[size - 1] == '\n')
        source->count--; /* the newline that was put at the end is no line */
    return true;
}

static bool try(struct source *source, const char *path)
{
    size_t size = 0;
    if (!read_text(source, path, &size) || !find_lines(source, size)) {
        free(source->text);
        free(source->found);
        source->text = source->found = NULL;
        return false;
    }
    return true;
}

/* folder/path, then with fewer and fewer of path's folders. */
static bool try_in_folder(struct source *source, const char *folder)
{
    for (const char *part = source->path; part != NULL && *part != '\0';) {
        char path[MAX_PATH_BYTES];
        while (*part == '/')
            part++;
        int length = snprintf(path, sizeof path, "%s/%s", folder, part);
        if (length > 0 && (size_t)length < sizeof path && try(source, path))
            return true;
        part = strchr(part, '/');
    }
    return false;
}

static bool try_rule(struct source *source, const struct rule *rule)
{
    char path[MAX_PATH_BYTES];
    size_t length = strlen(rule->from);
    if (rule->to == NULL)
        return try_in_folder(source, rule->from);
    if (strncmp(source->path, rule->from, length) != 0)
        return false;
    int whole = snprintf(path, sizeof path, "%s%s", rule->to, source->path + length);
    return whole > 0 && (size_t)whole < sizeof path && try(source, path);
}

static struct source *find(struct tg_sources *sources, const char *path)
{
    struct source *source = sources->sources, *before = NULL;
    while (source != NULL && strcmp(source->path, path) != 0) {
        before = source;
        source = source->next;
    }
    if (source != NULL && before != NULL) {
        before->next = source->next;
        source->next = sources->sources;
        sources->sources = source;
    }
    if (source != NULL)
        return source;
    source = calloc(1, sizeof *source);
    if (source == NULL || (source->path = strdup(path)) == NULL) {
        free(source);
        return NULL;
    }
    bool is_found = false;
    for (const struct rule *rule = sources->rules; rule != NULL && !is_found; rule = rule->next)
        is_found = try_rule(source, rule);
    if (!is_found)
        try(source, path);
    source->next = sources->sources;
    sources->sources = source;
    return source;
}

const char *tg_sources_line(struct tg_sources *sources, const char *path, unsigned line,
                            size_t *ret_length)
{
    const struct source *source = path != NULL ? find(sources, path) : NULL;
    if (source == NULL || source->text == NULL || line == 0 || line > source->count)
        return NULL;
    *ret_length = source->lines[line] - source->lines[line - 1] - 1;
    if (*ret_length != 0 && source->text[source->lines[line] - 2] == '\r')
        --*ret_length;
    return source->text + source->lines[line - 1];
}

unsigned tg_sources_line_count(struct tg_sources *sources, const char *path, const char **ret_found)
{
    const struct source *source = path != NULL ? find(sources, path) : NULL;
    if (ret_found != NULL)
        *ret_found = source != NULL ? source->found : NULL;
    return source != NULL && source->text != NULL ? source->count : 0;
}
