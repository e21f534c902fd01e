/* What a file is. */
#ifndef LIBC_SYS_STAT_H
#define LIBC_SYS_STAT_H

#include "sys/types.h"

struct stat {
    ino_t st_ino;
    mode_t st_mode;
    nlink_t st_nlink;
    dev_t st_rdev;
    off_t st_size;
    blksize_t st_blksize;
    blkcnt_t st_blocks; /* of 512 bytes */
};

#define S_IFMT  0170000
#define S_IFIFO 0010000
#define S_IFCHR 0020000
#define S_IFDIR 0040000
#define S_IFREG 0100000

#define S_ISFIFO(mode) (((mode)&S_IFMT) == S_IFIFO)
#define S_ISCHR(mode)  (((mode)&S_IFMT) == S_IFCHR)
#define S_ISDIR(mode)  (((mode)&S_IFMT) == S_IFDIR)
#define S_ISREG(mode)  (((mode)&S_IFMT) == S_IFREG)

int stat(const char *path, struct stat *status);
int lstat(const char *path, struct stat *status);
int fstat(int file, struct stat *status);
int mkdir(const char *path, mode_t mode);
int mknod(const char *path, mode_t mode, dev_t device);

#endif
