/*
 * pager: shows a file a screenful at a time. It takes keys from the terminal even when the text
 * comes through a pipe: standard error is the terminal then. Written elsewhere than to a terminal
 * it is like cat.
 */
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "turnpike.h"
#include "user.h"

#define COLUMNS 80u
#define LINES   24u /* the 25th is for the prompt */
#define TAB     8u
#define KEYS    2 /* the file that the keys are read from */

struct page {
    unsigned left; /* lines until the next stop */
    unsigned column;
    bool is_over;
};

/* Waits for a key that means something: space a screenful, enter a line, q no more. */
static void stop(struct page *page)
{
    static const char prompt[] = "-- space: next screen, enter: next line, q: end --";
    int before = tp_terminal_mode(0);
    char key = 0;

    user_write("pager", 1, prompt, sizeof prompt - 1);
    while (key != ' ' && key != '\n' && key != 'q')
        if (read(KEYS, &key, 1) != 1)
            key = 'q';
    tp_terminal_mode(before);
    user_write("pager", 1, "\r", 1);
    for (unsigned i = 0; i < sizeof prompt - 1; i++)
        user_write("pager", 1, " ", 1);
    user_write("pager", 1, "\r", 1);
    page->left = key == ' ' ? LINES : 1;
    page->is_over = key == 'q';
}

/* Where the terminal's cursor is after the character; a full line is one, too. */
static void advance(struct page *page, char character)
{
    if (character == '\t')
        page->column += TAB - page->column % TAB;
    else if (character == '\b')
        page->column -= page->column > 0;
    else if (character >= ' ' && character <= '~')
        page->column++;
    if (character == '\n' || page->column >= COLUMNS) {
        page->column = 0;
        page->left--;
    }
}

/* Shows bytes, as many at once as there are until the next stop. */
static bool show(struct page *page, const char *bytes, unsigned count)
{
    unsigned from = 0;

    while (from < count) {
        unsigned to = from;

        if (page->left == 0)
            stop(page);
        if (page->is_over)
            return false;
        while (to < count && page->left > 0)
            advance(page, bytes[to++]);
        if (!user_write("pager", 1, bytes + from, to - from))
            return false;
        from = to;
    }
    return true;
}

static int show_file(int file, const char *name)
{
    struct page page = {.left = isatty(1) && isatty(KEYS) ? LINES : ~0u};
    char bytes[1024];
    int count;

    while ((count = (int)read(file, bytes, sizeof bytes)) > 0)
        if (!show(&page, bytes, (unsigned)count))
            return 0;
    return count < 0 ? user_fail("pager", name ? name : "input") : 0;
}

int main(int argc, char **argv)
{
    (void)argc;
    return user_each_file("pager", argv + 1, show_file);
}
