/*
 * Lines of source.
 */
#ifndef DEBUGGER_SOURCECODE_H
#define DEBUGGER_SOURCECODE_H

struct debugger;

/* What list goes on from. */
struct sourcecode_list {
    char path[1024], file[256];
    unsigned line, first; /* the next line; the first of the last listing. line 0: around the frame */
};

/* "kernel/call.c:120      if (row == NULL)"; without the text where the file is not found. */
void sourcecode_show_line(struct debugger *d, const char *path, const char *file, unsigned line);

#endif
