/*
 * The guest OS that comes with tollgate: its kernel, its disk image, and its programs with their symbols, found beside the
 * program.
 */
#ifndef TOOL_BUNDLE_H
#define TOOL_BUNDLE_H

#include <stdbool.h>

enum bundle_file { BUNDLE_KERNEL, BUNDLE_DISK };

/* The path of a file of the bundle, to be freed by the caller; NULL after printing why not. */
char *bundle_find(enum bundle_file file);

/* The path of the file with symbols and source lines of a program on the disk image, by the name of its process, or of the
 * server of the service of that name; to be freed by the caller. NULL: there is none, which is no error, as other programs
 * than the bundled ones may run. Prints nothing. */
char *bundle_program(const char *name, bool is_server);

#endif
