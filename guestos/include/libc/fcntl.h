/* Opening files. */
#ifndef LIBC_FCNTL_H
#define LIBC_FCNTL_H

#include "sys/types.h"
#include "turnpike/abi.h"

#define O_RDONLY  ((int)TP_OPEN_READ)
#define O_WRONLY  ((int)TP_OPEN_WRITE)
#define O_RDWR    ((int)TP_OPEN_BOTH)
#define O_APPEND  ((int)TP_OPEN_APPEND)
#define O_CREAT   ((int)TP_OPEN_CREATE)
#define O_TRUNC   ((int)TP_OPEN_TRUNCATE)
#define O_EXCL    ((int)TP_OPEN_EXCL)
#define O_CLOEXEC ((int)TP_OPEN_CLOEXEC)

/* A mode may follow; Turnpike has no permissions. */
int open(const char *path, int flags, ...);
int creat(const char *path, mode_t mode);

#endif
