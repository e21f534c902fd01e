/* See response.h. */
#include "response.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "files.h"

#define LARGEST_FILE (16u << 20)
#define MOST_WORDS   (1 << 22) /* of all files together; one of a few bytes could ask for any number */
#define MOST_FILES   1000

static bool add_word(const char *program, const char *word, size_t length, struct response_words *words)
{
    if (words->count + 1 >= words->room) {
        int room = words->room ? 2 * words->room : 64;
        char **list = room <= MOST_WORDS ? realloc(words->list, (size_t)room * sizeof *list) : NULL;

        if (list == NULL) {
            fprintf(stderr, "%s: the command line has too many words: %d and more\n", program, words->count);
            return false;
        }
        words->list = list;
        words->room = room;
    }
    words->list[words->count] = strndup(word, length);
    words->list[words->count + 1] = NULL;
    if (words->list[words->count] == NULL)
        fprintf(stderr, "%s: no memory left for the words of the command line\n", program);
    return words->list[words->count++] != NULL;
}

/* Takes the word at *text out of its quotes, in place. *text is after it then. Returns its length. */
static size_t unquote(char **text)
{
    char *from = *text, *to = *text, quote = '\0';

    for (; *from != '\0' && (quote != '\0' || !isspace((unsigned char)*from)); from++) {
        if (quote != '\0' ? *from == quote : *from == '"' || *from == '\'') {
            quote = quote != '\0' ? '\0' : *from;
            continue;
        }
        if (*from == '\\' && from[1] != '\0')
            from++;
        *to++ = *from;
    }
    size_t length = (size_t)(to - *text);
    *text = from;
    return length;
}

static bool read_word(const char *program, const char *word, size_t length, struct response_words *words);

static bool read_text(const char *program, char *text, struct response_words *words)
{
    for (;;) {
        text += strspn(text, " \t\n\v\f\r");
        if (*text == '\0')
            return true;
        const char *word = text;
        size_t length = unquote(&text);
        if (!read_word(program, word, length, words))
            return false;
    }
}

static bool read_file(const char *program, const char *path, struct response_words *words)
{
    struct file_bytes file;
    bool is_read = false;

    if (words->file_count++ == MOST_FILES) {
        fprintf(stderr, "%s: response file %s: more than %d such files; does one name itself?\n", program, path,
                MOST_FILES);
        return false;
    }
    if (!file_read("response file", path, LARGEST_FILE, &file))
        return false;
    if (strlen((const char *)file.bytes) != file.size)
        fprintf(stderr, "%s: response file %s: not a text: it has a zero byte\n", program, path);
    else
        is_read = read_text(program, (char *)file.bytes, words);
    free(file.bytes);
    return is_read;
}

static bool read_word(const char *program, const char *word, size_t length, struct response_words *words)
{
    if (!add_word(program, word, length, words))
        return false;
    char *added = words->list[words->count - 1];
    if (added[0] != '@' || access(added + 1, F_OK) != 0)
        return true;
    words->list[--words->count] = NULL;
    bool is_read = read_file(program, added + 1, words);
    free(added);
    return is_read;
}

bool response_read(const char *program, int argc, char **argv, struct response_words *ret_words)
{
    *ret_words = (struct response_words){0};
    bool is_read = argc == 0 || add_word(program, argv[0], strlen(argv[0]), ret_words);
    for (int i = 1; i < argc && is_read; i++)
        is_read = read_word(program, argv[i], strlen(argv[i]), ret_words);
    return is_read;
}

void response_finish(struct response_words *words)
{
    for (int i = 0; i < words->count; i++)
        free(words->list[i]);
    free(words->list);
    *words = (struct response_words){0};
}
