/*
 * Whole host files, with errors for people. Written files appear whole or not at all.
 */
#ifndef TOOL_FILES_H
#define TOOL_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct file_bytes {
    uint8_t *bytes; /* malloc'd, the caller's; one zero byte follows */
    size_t size;
};

/* Reads path ("-": standard input) up to limit bytes. Returns false after printing why, naming what the file is for. */
bool file_read(const char *what, const char *path, size_t limit, struct file_bytes *ret_file);

/* Writes path by a temporary file beside it and a rename. Returns false after printing why. */
bool file_write(const char *what, const char *path, const void *bytes, size_t size);

/* Whether path could be written now (its folder exists and allows it); prints why not. For checks before a long run. */
bool file_is_writable(const char *what, const char *path);

/* Whether both exist and are one and the same file: an output that would destroy an input. */
bool file_is_same(const char *path, const char *other);

#endif
