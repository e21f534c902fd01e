/* Directories, entry by entry: for programs with either C library. */
#ifndef TURNPIKE_DIRENT_H
#define TURNPIKE_DIRENT_H

#include "turnpike/abi.h"

struct dirent {
    unsigned long d_ino;
    char d_name[TP_NAME_BYTES];
};

typedef struct tp_directory DIR;

DIR *opendir(const char *path);
/* The next entry, "." and ".." among them; it is overwritten by the next call. NULL at the end. */
struct dirent *readdir(DIR *directory);
int closedir(DIR *directory);

#endif
