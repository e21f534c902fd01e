/*
 * The guest OS that comes with tollgate: its kernel and its disk image, found beside the program.
 */
#ifndef TOOL_BUNDLE_H
#define TOOL_BUNDLE_H

enum bundle_file { BUNDLE_KERNEL, BUNDLE_DISK };

/* The path of a file of the bundle, to be freed by the caller; NULL after printing why not. */
char *bundle_find(enum bundle_file file);

#endif
