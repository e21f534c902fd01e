/* From a text to a tree. See sh.h. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "sh.h"

enum token { END, WORD, REDIRECT, SEMICOLON, AMPERSAND, PIPE, AND, OR, OPEN, CLOSE, BANG };

struct reader {
    const char *at;
    enum token token;
    /* Of a WORD, its raw text, and of a REDIRECT, what it is so far. */
    const char *word;
    struct sh_redirect redirect;
    enum sh_parsed result;
    const char *error;
};

static struct sh_and_or *read_list(struct reader *r, enum token end);

/* --- Tokens ------------------------------------------------------------------------------------ */

static void fail(struct reader *r, enum sh_parsed result, const char *error)
{
    if (r->result == SH_DONE) {
        r->result = result;
        r->error = error;
    }
    /* So that all who read stop. */
    r->token = END;
    r->at = "";
}

/* The end of what begins with a quote; NULL: there is none. */
static const char *skip_quoted(const char *at)
{
    char quote = *at++;

    for (; *at && *at != quote; at++)
        if (quote == '"' && *at == '\\' && at[1])
            at++;
    return *at ? at + 1 : NULL;
}

/* A backslash at the very end: the command goes on in the next line. */
static bool is_continued(const char *at)
{
    return *at == '\\' && (at[1] == '\0' || (at[1] == '\n' && at[2] == '\0'));
}

static void read_word(struct reader *r)
{
    const char *first = r->at, *at = first;

    while (at && *at && !strchr(" \t\n;&|()<>", *at) && !is_continued(at)) {
        if (*at == '\'' || *at == '"')
            at = skip_quoted(at);
        else
            at += *at == '\\' && at[1] ? 2 : 1;
    }
    if (!at || is_continued(at)) {
        fail(r, SH_INCOMPLETE, at ? "nothing follows the backslash" : "a quote is not closed");
        return;
    }
    r->word = sh_copy(first, (size_t)(at - first));
    r->at = at;
    r->token = strcmp(r->word, "!") == 0 ? BANG : WORD;
}

/* At < or >, perhaps with the number of a file before it. */
static void read_redirect(struct reader *r)
{
    char *at;
    long file = isdigit((unsigned char)*r->at) ? strtol(r->at, &at, 10) : -1;

    if (file >= 0)
        r->at = at;
    r->redirect = (struct sh_redirect){.file = (int)(file >= 0 ? file : *r->at == '>')};
    if (*r->at++ == '<')
        r->redirect.kind = SH_READ;
    else
        r->redirect.kind = *r->at == '>' ? SH_APPEND : SH_WRITE;
    if (r->redirect.kind == SH_APPEND || *r->at == '&') {
        if (*r->at == '&')
            r->redirect.kind = SH_COPY;
        r->at++;
    }
    r->token = REDIRECT;
}

static bool is_redirect(const char *at)
{
    while (isdigit((unsigned char)*at))
        at++;
    return *at == '<' || *at == '>';
}

static void skip_blanks(struct reader *r)
{
    while (*r->at == ' ' || *r->at == '\t' ||
           (*r->at == '\\' && r->at[1] == '\n' && !is_continued(r->at)))
        r->at += *r->at == '\\' ? 2 : 1;
    if (*r->at == '#')
        r->at += strcspn(r->at, "\n");
}

static void read_token(struct reader *r)
{
    static const struct {
        const char *text;
        enum token token;
    } signs[] = {{"&&", AND},   {"||", OR},        {"&", AMPERSAND}, {"|", PIPE},
                 {"(", OPEN},   {")", CLOSE},      {";", SEMICOLON}, {"\n", SEMICOLON}};

    skip_blanks(r);
    if (*r->at == '\0') {
        r->token = END;
        return;
    }
    for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++) {
        if (strncmp(r->at, signs[i].text, strlen(signs[i].text)) == 0) {
            r->at += strlen(signs[i].text);
            r->token = signs[i].token;
            return;
        }
    }
    if (is_redirect(r->at))
        read_redirect(r);
    else
        read_word(r);
}

/* Past the ends of lines where the command cannot end. */
static void read_token_of_next_line(struct reader *r)
{
    do
        skip_blanks(r);
    while (*r->at == '\n' && r->at++);
    read_token(r);
}

/* --- Commands ---------------------------------------------------------------------------------- */

static void add_redirect(struct reader *r, struct sh_redirect ***end)
{
    struct sh_redirect *redirect = sh_alloc(sizeof *redirect);

    *redirect = r->redirect;
    read_token(r);
    if (r->token != WORD) {
        fail(r, SH_WRONG, "expected a file after < or >");
        return;
    }
    redirect->word = r->word;
    **end = redirect;
    *end = &redirect->next;
    read_token(r);
}

static struct sh_command *read_command(struct reader *r)
{
    struct sh_command *command = sh_alloc(sizeof *command);
    struct sh_word **word_end = &command->words;
    struct sh_redirect **redirect_end = &command->redirects;

    if (r->token == OPEN) {
        read_token(r);
        command->group = read_list(r, CLOSE);
        if (r->token != CLOSE)
            fail(r, SH_INCOMPLETE, "a parenthesis is not closed");
        else if (!command->group)
            fail(r, SH_WRONG, "expected a command in the parentheses");
        else
            read_token(r);
    }
    for (;;) {
        if (r->token == REDIRECT) {
            add_redirect(r, &redirect_end);
        } else if ((r->token == WORD || r->token == BANG) && !command->group) {
            struct sh_word *word = sh_alloc(sizeof *word);

            word->raw = r->word;
            *word_end = word;
            word_end = &word->next;
            read_token(r);
        } else {
            break;
        }
    }
    if (!command->group && !command->words && !command->redirects)
        fail(r, SH_WRONG, "expected a command");
    return command;
}

static struct sh_pipeline *read_pipeline(struct reader *r, enum sh_join join)
{
    struct sh_pipeline *pipeline = sh_alloc(sizeof *pipeline);
    struct sh_command **end = &pipeline->commands;

    pipeline->join = join;
    while (r->token == BANG) {
        pipeline->is_negated = !pipeline->is_negated;
        read_token(r);
    }
    for (;;) {
        *end = read_command(r);
        end = &(*end)->next;
        if (r->token != PIPE)
            return pipeline;
        read_token_of_next_line(r);
        if (r->token == END)
            fail(r, SH_INCOMPLETE, "nothing follows |");
        if (r->result != SH_DONE)
            return pipeline;
    }
}

static struct sh_and_or *read_and_or(struct reader *r)
{
    struct sh_and_or *and_or = sh_alloc(sizeof *and_or);
    struct sh_pipeline **end = &and_or->pipelines;
    enum sh_join join = SH_FIRST;

    for (;;) {
        *end = read_pipeline(r, join);
        end = &(*end)->next;
        if (r->token != AND && r->token != OR)
            break;
        join = r->token == AND ? SH_AND : SH_OR;
        read_token_of_next_line(r);
        if (r->token == END)
            fail(r, SH_INCOMPLETE, "nothing follows && or ||");
        if (r->result != SH_DONE)
            break;
    }
    if (r->token == AMPERSAND) {
        and_or->is_background = true;
        read_token(r);
    } else if (r->token == SEMICOLON) {
        read_token(r);
    }
    return and_or;
}

static struct sh_and_or *read_list(struct reader *r, enum token end_token)
{
    struct sh_and_or *first = NULL, **end = &first;

    for (;;) {
        /* Empty lines. One ; after another is no command. */
        while (r->token == SEMICOLON && r->at[-1] == '\n')
            read_token(r);
        if (r->token == END || r->token == end_token)
            return first;
        *end = read_and_or(r);
        end = &(*end)->next;
        if (r->token == CLOSE && end_token != CLOSE)
            fail(r, SH_WRONG, "a parenthesis was not opened");
    }
}

enum sh_parsed sh_parse(const char *text, struct sh_and_or **ret_list, const char **ret_error)
{
    struct reader r = {.at = text, .result = SH_DONE};
    struct sh_and_or *list;

    read_token(&r);
    list = read_list(&r, END);
    if (r.result == SH_DONE)
        *ret_list = list;
    else
        *ret_error = r.error;
    return r.result;
}
