/* See edit.h. readline knows one line at a time for the whole process, so this file has its only state that is global. */
#include "edit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <readline/history.h>
#include <readline/readline.h>

#include "complete.h"
#include "debugger.h"

#define HISTORY_LINES 1000
#define PATH_BYTES    4096

static struct debugger *editing;
static char history_path[PATH_BYTES];

/* --- History --------------------------------------------------------------------------------------------------------- */

/* Makes the folders of a path, but not its last part. */
static void make_folders(char *path)
{
    for (char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(path, 0700);
        *slash = '/';
    }
}

static void find_history(void)
{
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    if (access(".tollgate_history", R_OK | W_OK) == 0)
        snprintf(history_path, sizeof history_path, ".tollgate_history");
    else if (state != NULL && state[0] == '/')
        snprintf(history_path, sizeof history_path, "%s/tollgate/debug_history", state);
    else if (home != NULL && home[0] == '/')
        snprintf(history_path, sizeof history_path, "%s/.local/state/tollgate/debug_history", home);
}

/* Adds a line as the latest one and takes an earlier one like it away. */
static void remember(const char *line)
{
    if (line[strspn(line, " \t")] == '\0')
        return;
    for (int i = history_length - 1; i >= 0; i--)
        if (strcmp(history_get(history_base + i)->line, line) == 0)
            free_history_entry(remove_history(i));
    add_history(line);
}

void edit_end(struct debugger *d)
{
    if (editing == NULL || history_path[0] == '\0')
        return;
    make_folders(history_path);
    stifle_history(HISTORY_LINES);
    int error = write_history(history_path);
    if (error != 0)
        complain(d, "history: cannot write %s: %s", history_path, strerror(error));
    editing = NULL;
}

/* --- The line -------------------------------------------------------------------------------------------------------- */

/* The next key. ^C leaves a search, empties the line and ends it, as if Enter had been pressed. */
static int next_key(FILE *stream)
{
    unsigned char key;
    for (;;) {
        if (debugger_is_interrupted && RL_ISSTATE(RL_STATE_ISEARCH))
            return '\a';
        if (debugger_is_interrupted) {
            rl_replace_line("", 0);
            return '\r';
        }
        ssize_t count = read(fileno(stream), &key, 1);
        if (count == 1)
            return key;
        if (count == 0 || errno != EINTR)
            return EOF;
        rl_check_signals();
    }
}

static char **complete(const char *text, int start, int end)
{
    (void)end;
    rl_attempted_completion_over = 1;
    return complete_matches(editing, rl_line_buffer, (size_t)start, text);
}

static char *word_breaks(void)
{
    return (char *)complete_breaks(editing, rl_line_buffer, (size_t)rl_point);
}

void edit_begin(struct debugger *d)
{
    editing = d;
    rl_readline_name = "tollgate";
    rl_attempted_completion_function = complete;
    rl_completion_word_break_hook = word_breaks;
    rl_getc_function = next_key;
    rl_catch_sigwinch = 1;
    using_history();
    find_history();
    if (history_path[0] != '\0')
        read_history(history_path);
}

char *edit_line(struct debugger *d, const char *prompt)
{
    say(d, "%s", "");
    fflush(stdout);
    debugger_is_interrupted = 0;
    char *line = readline(prompt);
    if (line != NULL && !debugger_is_interrupted)
        remember(line);
    return line;
}

bool edit_confirm(struct debugger *d, const char *question)
{
    for (;;) {
        say(d, "%s", "");
        fflush(stdout);
        debugger_is_interrupted = 0;
        char *line = readline(question);
        char answer = line == NULL ? 'y' : line[strspn(line, " \t")];
        free(line);
        if (debugger_is_interrupted || answer == 'n' || answer == 'N')
            return false;
        if (answer == 'y' || answer == 'Y')
            return true;
        say(d, "please answer y or n\n");
    }
}
