/* See args.h. */
#include "args.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "output.h"

bool args_is_empty(const struct args *args)
{
    return args->at[0] == '\0';
}

static void skip_spaces(struct args *args)
{
    while (isspace((unsigned char)*args->at))
        args->at++;
}

bool args_word(struct debugger *d, struct args *args, char *word)
{
    size_t length = 0;
    char quote = '\0';
    const char *start = args->at;
    word[0] = '\0';
    if (args_is_empty(args))
        return false;
    for (; *args->at != '\0' && (quote != '\0' || !isspace((unsigned char)*args->at)); args->at++) {
        char c = *args->at;
        if (quote != '\0' ? c == quote : c == '"' || c == '\'') {
            quote = quote != '\0' ? '\0' : c;
            continue;
        }
        if (c == '\\' && args->at[1] != '\0')
            c = *++args->at;
        if (length < ARGS_WORD_BYTES - 1)
            word[length++] = c;
    }
    word[length] = '\0';
    if (quote != '\0' || length == ARGS_WORD_BYTES - 1) {
        complain(d, "%s: %s: %.40s", args->name, quote != '\0' ? "the quote does not end" : "this word is too long",
                 start);
        word[0] = '\0';
    }
    skip_spaces(args);
    return true;
}

bool args_read_number(const char *text, uint64_t *ret_value)
{
    char digits[64];
    size_t length = 0;
    char *end;
    if (!isdigit((unsigned char)text[0]))
        return false;
    for (; *text != '\0' && length < sizeof digits - 1; text++)
        if (*text != '_')
            digits[length++] = *text;
    digits[length] = '\0';
    errno = 0;
    unsigned long long value = strtoull(digits, &end, 0);
    if (errno != 0 || *text != '\0')
        return false;
    static const char suffixes[] = "KMG";
    const char *suffix = *end != '\0' ? strchr(suffixes, toupper((unsigned char)*end)) : NULL;
    uint64_t scale = 1;
    for (; suffix != NULL && suffix >= suffixes; suffix--)
        scale *= 1000;
    if (end[scale > 1] != '\0' || value > UINT64_MAX / scale)
        return false;
    *ret_value = value * scale;
    return true;
}

bool args_count(struct debugger *d, struct args *args, const char *what, uint64_t *ret_count)
{
    char word[ARGS_WORD_BYTES];
    uint64_t value;
    if (!args_word(d, args, word))
        return true;
    if (!args_read_number(word, &value) || value == 0)
        return complain(d, "%s %s: expected a number of %s, 1 or more", args->name, word, what);
    *ret_count = value;
    return true;
}

bool args_end(struct debugger *d, const struct args *args)
{
    return args_is_empty(args) || complain(d, "%s: did not expect \"%.60s\"; \"help %s\" shows what it takes", args->name,
                                           args->at, args->name);
}

bool args_no_format(struct debugger *d, const struct args *args)
{
    return args->format[0] == '\0' || complain(d, "%s: takes nothing behind a slash, found \"/%s\"", args->name,
                                               args->format);
}
