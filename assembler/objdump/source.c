/* Files of source text, read when a line of one is first asked for. */
#include <stdlib.h>
#include <string.h>

#include "objdump/dump.h"

#define LARGEST_SOURCE (1 << 24)

struct source {
    char *path;
    char *text;         /* NULL: cannot be read */
    const char **lines; /* beginning of each, and the end */
    size_t line_count;
    struct source *next;
};

struct dump_sources {
    struct source *first;
};

struct dump_sources *dump_sources_create(void)
{
    return calloc(1, sizeof(struct dump_sources));
}

void dump_sources_destroy(struct dump_sources *sources)
{
    if (!sources)
        return;
    for (struct source *source = sources->first, *next; source; source = next) {
        next = source->next;
        free(source->path);
        free(source->text);
        free(source->lines);
        free(source);
    }
    free(sources);
}

static char *read_text(const char *path, size_t *ret_size)
{
    FILE *file = fopen(path, "rb");
    char *text = file ? malloc(LARGEST_SOURCE + 1) : NULL, *fitting;

    if (text) {
        *ret_size = fread(text, 1, LARGEST_SOURCE, file);
        text[*ret_size] = '\n';
        fitting = realloc(text, *ret_size + 1);
        text = fitting ? fitting : text;
    }
    if (file)
        fclose(file);
    return text;
}

static bool find_lines(struct source *source, size_t size)
{
    size_t count = 0, next = 0;

    for (size_t i = 0; i <= size; i++)
        count += source->text[i] == '\n';
    source->lines = malloc((count + 1) * sizeof *source->lines);
    if (!source->lines)
        return false;
    source->lines[next++] = source->text;
    for (size_t i = 0; i <= size; i++)
        if (source->text[i] == '\n')
            source->lines[next++] = source->text + i + 1;
    source->line_count = count;
    return true;
}

static struct source *find_source(struct dump_sources *sources, const char *path)
{
    struct source *source = sources->first;
    size_t size = 0;

    while (source && strcmp(source->path, path) != 0)
        source = source->next;
    if (source)
        return source;
    source = calloc(1, sizeof *source);
    if (!source)
        return NULL;
    source->path = strdup(path);
    source->text = source->path ? read_text(path, &size) : NULL;
    if (!source->path || (source->text && !find_lines(source, size))) {
        free(source->path);
        free(source->text);
        free(source);
        return NULL;
    }
    source->next = sources->first;
    sources->first = source;
    return source;
}

const char *dump_source_line(struct dump_sources *sources, const struct tg_line *line,
                             int *ret_length)
{
    const struct source *source = find_source(sources, line->path);
    ptrdiff_t length;

    if (!source || !source->text || line->line > source->line_count)
        return NULL;
    length = source->lines[line->line] - source->lines[line->line - 1] - 1;
    *ret_length = length < 1000 ? (int)length : 1000;
    return source->lines[line->line - 1];
}
