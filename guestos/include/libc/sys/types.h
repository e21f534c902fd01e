/* Types of the system's calls. */
#ifndef LIBC_SYS_TYPES_H
#define LIBC_SYS_TYPES_H

#include <stddef.h>
#include <stdint.h>

typedef int pid_t;
typedef int ssize_t;
typedef long off_t;
typedef unsigned mode_t;
typedef unsigned dev_t;
typedef unsigned long ino_t;
typedef unsigned short nlink_t;
typedef long blkcnt_t;
typedef long blksize_t;
typedef long long time_t;
typedef unsigned useconds_t;

#endif
