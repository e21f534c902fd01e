/*
 * sh: the shell. Without arguments it reads commands from standard input, with a prompt if that is a
 * terminal; sh FILE runs a script, sh -c TEXT a text.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sh.h"
#include "turnpike.h"

enum { MOST_TEXT = 8192 };

/* Where commands come from: a file, or a text that is given. */
struct source {
    int file;         /* -1: the text */
    bool is_own;      /* nobody else reads the file: as much of it as fits may be read at once */
    bool is_terminal; /* gives a line at a time by itself */
    const char *next, *end;
    char buffer[512];
};

/* What was read of the command so far. */
static char text[MOST_TEXT];

/* --- Lines ------------------------------------------------------------------------------------- */

/* The next character; -1: the end; -2: control-C. */
static int next_character(struct source *source)
{
    ssize_t count;

    if (source->next == source->end) {
        if (source->file < 0)
            return -1;
        /* What follows on standard input may be for the programs that the shell starts. */
        count = read(source->file, source->buffer,
                     source->is_own || source->is_terminal ? sizeof source->buffer : 1);
        if (count <= 0)
            return count < 0 && errno == EINTR ? -2 : -1;
        source->next = source->buffer;
        source->end = source->buffer + count;
    }
    return (unsigned char)*source->next++;
}

/* Appends a line to the text; what next_character() said last: a newline if all went well. */
static int read_line(struct source *source, size_t *length)
{
    int character;

    do {
        character = next_character(source);
        if (character < 0)
            break;
        if (character && *length < MOST_TEXT - 1)
            text[(*length)++] = (char)character;
    } while (character != '\n');
    text[*length] = '\0';
    return character;
}

/* --- Commands ---------------------------------------------------------------------------------- */

static void prompt(struct sh *sh, bool is_first)
{
    if (!sh->is_interactive)
        return;
    if (is_first)
        sh_reap(sh);
    (void)!write(2, is_first ? "$ " : "> ", 2);
}

/* Reads and runs one command, which may have several lines; false at the end. */
static bool run_next(struct sh *sh, struct source *source)
{
    struct sh_and_or *list = NULL;
    enum sh_parsed parsed;
    const char *error;
    size_t length = 0, before;
    int last;

    do {
        prompt(sh, length == 0);
        before = length;
        last = read_line(source, &length);
        if (last == -2)
            return true;
        sh_empty();
        parsed = sh_parse(text, &list, &error);
    } while (parsed == SH_INCOMPLETE && last >= 0);
    if (length == MOST_TEXT - 1) {
        parsed = SH_WRONG;
        error = "the command is too long";
    }
    if (parsed == SH_DONE) {
        sh_run(sh, list);
    } else {
        sh_complain("syntax", error);
        sh->values.status = 2;
        sh->is_ended = !sh->is_interactive;
    }
    if (last < 0 && before == length && sh->is_interactive)
        (void)!write(2, "\n", 1);
    return last >= 0 && !sh->is_ended;
}

static int open_script(const char *path)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);

    if (file >= 0)
        return file;
    sh_complain(path, strerror(errno));
    exit(127);
}

int main(int argc, char **argv)
{
    struct source source = {.file = 0};
    struct sh sh = {.values = {.arguments = argv, .pid = getpid()}};
    int skipped = 0;

    if (argc > 1 && strcmp(argv[1], "-c") == 0 && argc > 2) {
        source = (struct source){.file = -1, .next = argv[2], .end = argv[2] + strlen(argv[2])};
        skipped = argc > 3 ? 3 : 2;
    } else if (argc > 1 && argv[1][0] == '-') {
        dprintf(2, "usage: sh [FILE [WORD...]] or sh -c TEXT [NAME [WORD...]]\n");
        return 2;
    } else if (argc > 1) {
        source.file = open_script(argv[1]);
        source.is_own = true;
        skipped = 1;
    } else {
        sh.is_interactive = source.is_terminal = isatty(0);
    }
    sh.values.arguments += skipped;
    sh.values.count = argc - skipped - 1 > 0 ? argc - skipped - 1 : 0;
    if (sh.is_interactive) {
        setpgid(0, 0);
        tp_foreground(0);
    }
    while (run_next(&sh, &source))
        ;
    return sh.values.status;
}
