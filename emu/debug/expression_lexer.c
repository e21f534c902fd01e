/* The tokens of an expression: numbers, names, quoted texts, punctuation. Names are copied into the
 * expression. */
#include <stdlib.h>
#include <string.h>

#include "debug/expression_internal.h"

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static char at(const struct tg_lexer *l, size_t index)
{
    return index < l->length ? l->text[index] : '\0';
}

/* Copies into the expression's names, which have room for it: no part of the text is copied more
 * than twice. */
static void keep_name(struct tg_lexer *l, const char *name, size_t length)
{
    struct tg_expression *expression = l->expression;
    char *to = expression->names + expression->names_used;
    memcpy(to, name, length);
    to[length] = '\0';
    l->token.name = to;
    l->token.name_length = length;
    expression->names_used += length + 1;
}

static void bad(struct tg_lexer *l, size_t length, const char *problem)
{
    l->token.kind = TG_TOKEN_BAD;
    l->token.length = length;
    l->token.problem = problem;
}

static unsigned digit_of(char c)
{
    return is_digit(c)            ? (unsigned)(c - '0')
           : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10
           : c >= 'A' && c <= 'F' ? (unsigned)(c - 'A') + 10
                                  : 99;
}

/* u and l after a number, and the type that C gives it. */
static bool number_type(struct tg_lexer *l, size_t suffix, size_t end, bool is_decimal)
{
    unsigned longs = 0, is_unsigned = 0;
    uint64_t number = l->token.number;
    for (; suffix < end; suffix++) {
        char c = (char)(l->text[suffix] | 0x20);
        if (c == 'u')
            is_unsigned++;
        else if (c == 'l')
            longs++;
        else
            return false;
    }
    bool is_long =
        longs > 1 || number > UINT32_MAX || (is_decimal && !is_unsigned && number > INT32_MAX);
    is_unsigned |= number > INT64_MAX || (!is_long && number > INT32_MAX);
    l->token.type =
        tg_type_of(is_long       ? is_unsigned ? TG_PLAIN_UNSIGNED_LONG_LONG : TG_PLAIN_LONG_LONG
                   : is_unsigned ? TG_PLAIN_UNSIGNED
                                 : TG_PLAIN_INT);
    return longs <= 2;
}

/* 1.5, 2e3: digits of C's strtod, copied so that they end. */
static bool read_float(struct tg_lexer *l, size_t end)
{
    char digits[64], *stop;
    size_t length = end - l->token.at;
    double number;
    if (length >= sizeof digits)
        return false;
    memcpy(digits, l->text + l->token.at, length);
    digits[length] = '\0';
    number = strtod(digits, &stop);
    memcpy(&l->token.number, &number, sizeof number);
    l->token.type = tg_type_of(TG_PLAIN_DOUBLE);
    return *stop == '\0';
}

static void read_number(struct tg_lexer *l)
{
    struct tg_token *token = &l->token;
    size_t digits = token->at, end = token->at;
    unsigned base = 10;
    bool is_float = false, is_too_large = false;
    if (at(l, digits) == '0') {
        char c = (char)(at(l, digits + 1) | 0x20);
        base = c == 'x' ? 16 : c == 'b' ? 2 : 8;
        digits += base == 8 ? 0 : 2;
    }
    while (is_letter(at(l, end)) || is_digit(at(l, end)) ||
           (at(l, end) == '.' && base != 16 && base != 2)) {
        is_float = is_float || at(l, end) == '.' || (base == 10 && (at(l, end) | 0x20) == 'e');
        end++;
        if (is_float && (at(l, end) == '-' || at(l, end) == '+') && (at(l, end - 1) | 0x20) == 'e')
            end++;
    }
    token->kind = TG_TOKEN_NUMBER;
    token->length = end - token->at;
    if (is_float) {
        if (!read_float(l, end))
            bad(l, token->length, "not a number");
        return;
    }
    size_t next = digits;
    for (; next < end && digit_of(l->text[next]) < base; next++) {
        is_too_large =
            is_too_large || token->number > (UINT64_MAX - digit_of(l->text[next])) / base;
        token->number = token->number * base + digit_of(l->text[next]);
    }
    if (next == digits || !number_type(l, next, end, base == 10))
        bad(l, token->length, "not a number");
    else if (is_too_large)
        bad(l, token->length, "a number has at most 64 bits");
}

/* The character or escape at *index, which goes on past it. */
static uint8_t read_escape(const struct tg_lexer *l, size_t *index)
{
    static const char letters[] = "abtnvfre", codes[] = "\a\b\t\n\v\f\r\x1b";
    char c = at(l, (*index)++);
    unsigned number = 0;
    if (c != '\\')
        return (uint8_t)c;
    c = at(l, (*index)++);
    const char *found = c != '\0' ? strchr(letters, c) : NULL;
    if (found != NULL)
        return (uint8_t)codes[found - letters];
    if (c == 'x') {
        for (unsigned i = 0; i < 2 && digit_of(at(l, *index)) < 16; i++)
            number = number * 16 + digit_of(at(l, (*index)++));
        return (uint8_t)number;
    }
    if (digit_of(c) >= 8)
        return (uint8_t)c;
    number = digit_of(c);
    for (unsigned i = 0; i < 2 && digit_of(at(l, *index)) < 8; i++)
        number = number * 8 + digit_of(at(l, (*index)++));
    return (uint8_t)number;
}

/* 'c', "text", and 'file.c'::name. */
static void read_quoted(struct tg_lexer *l, char quote)
{
    struct tg_token *token = &l->token;
    size_t index = token->at + 1, count = 0;
    char *to = l->expression->names + l->expression->names_used;
    while (index < l->length && l->text[index] != quote)
        to[count++] = (char)read_escape(l, &index);
    if (index >= l->length) {
        bad(l, l->length - token->at, "a quote that does not end");
        return;
    }
    index++;
    to[count] = '\0';
    token->name = to;
    token->name_length = count;
    token->length = index - token->at;
    token->kind = TG_TOKEN_TEXT;
    if (quote == '"') {
        l->expression->names_used += count + 1;
        return;
    }
    if (at(l, index) == ':' && at(l, index + 1) == ':') {
        size_t end = index + 2;
        while (is_letter(at(l, end)) || is_digit(at(l, end)))
            end++;
        memcpy(to + count, l->text + index, end - index);
        count += end - index;
        to[count] = '\0';
        token->name_length = count;
        token->length = end - token->at;
        token->kind = TG_TOKEN_NAME;
        l->expression->names_used += count + 1;
        return;
    }
    if (count != 1)
        bad(l, token->length, "a character has one letter between quotes");
    token->kind = token->kind == TG_TOKEN_BAD ? TG_TOKEN_BAD : TG_TOKEN_NUMBER;
    token->number = count == 1 ? (uint8_t)to[0] : 0;
    token->type = tg_type_of(TG_PLAIN_CHAR);
}

static size_t word_end(const struct tg_lexer *l, size_t index)
{
    while (is_letter(at(l, index)) || is_digit(at(l, index)))
        index++;
    return index;
}

/* Where a file's name before :: ends; from when there is none. */
static size_t file_end(const struct tg_lexer *l, size_t from)
{
    size_t end = from;
    bool has_dot = false;
    while (is_letter(at(l, end)) || is_digit(at(l, end)) || at(l, end) == '.' ||
           at(l, end) == '/' || at(l, end) == '-')
        has_dot = at(l, end++) == '.' || has_dot;
    return has_dot && at(l, end) == ':' && at(l, end + 1) == ':' ? end : from;
}

/* A word, and what :: puts after it. */
static void read_name(struct tg_lexer *l)
{
    struct tg_token *token = &l->token;
    size_t end = word_end(l, token->at), file = file_end(l, token->at);
    if (file != token->at)
        end = file;
    while (at(l, end) == ':' && at(l, end + 1) == ':' && is_letter(at(l, end + 2)))
        end = word_end(l, end + 2);
    token->length = end - token->at;
    token->kind = TG_TOKEN_NAME;
    if (token->length == 4 && memcmp(l->text + token->at, "phys", 4) == 0 && at(l, end) == ':') {
        token->kind = TG_TOKEN_PHYS;
        token->length = 5;
        return;
    }
    keep_name(l, l->text + token->at, token->length);
}

static const char *const punctuation[] = {
    "<<=", ">>=", "->", "++", "--", "<<", ">>", "<=", ">=", "==", "!=", "&&", "||", "+=", "-=",
    "*=",  "/=",  "%=", "&=", "|=", "^=", "+",  "-",  "*",  "/",  "%",  "&",  "|",  "^",  "~",
    "!",   "<",   ">",  "=",  "?",  ":",  "(",  ")",  "[",  "]",  ".",  ",",  "@"};

static void read_punctuation(struct tg_lexer *l)
{
    struct tg_token *token = &l->token;
    for (size_t i = 0; i < sizeof punctuation / sizeof *punctuation; i++) {
        size_t length = strlen(punctuation[i]);
        if (length > l->length - token->at ||
            memcmp(l->text + token->at, punctuation[i], length) != 0)
            continue;
        token->kind = TG_TOKEN_PUNCTUATION;
        token->length = length;
        return;
    }
    bad(l, 1, "this has no meaning here");
}

void tg_lexer_next(struct tg_lexer *l)
{
    l->end = l->token.at + l->token.length;
    while (l->at < l->length && (l->text[l->at] == ' ' || l->text[l->at] == '\t'))
        l->at++;
    l->token = (struct tg_token){.kind = TG_TOKEN_END, .at = l->at};
    char c = at(l, l->at);
    if (l->at >= l->length)
        return;
    if (is_digit(c) || (c == '.' && is_digit(at(l, l->at + 1))))
        read_number(l);
    else if (is_letter(c))
        read_name(l);
    else if (c == '\'' || c == '"')
        read_quoted(l, c);
    else if (c == '$') {
        size_t end = l->at + 1;
        while (is_letter(at(l, end)) || is_digit(at(l, end)) || at(l, end) == '$')
            end++;
        l->token.kind = TG_TOKEN_DOLLAR;
        l->token.length = end - l->at;
        keep_name(l, l->text + l->at + 1, end - l->at - 1);
    } else
        read_punctuation(l);
    l->at = l->token.at + l->token.length;
}

bool tg_lexer_is(const struct tg_lexer *l, const char *text)
{
    size_t length = strlen(text);
    return l->token.kind == TG_TOKEN_PUNCTUATION && l->token.length == length &&
           memcmp(l->text + l->token.at, text, length) == 0;
}

bool tg_lexer_is_word(const struct tg_lexer *l, const char *word)
{
    return l->token.kind == TG_TOKEN_NAME && strcmp(l->token.name, word) == 0;
}
