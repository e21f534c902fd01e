/* For programs written for xv6: see user/user.h. */
#ifndef XV6_STAT_H
#define XV6_STAT_H

#define T_DIR    1
#define T_FILE   2
#define T_DEVICE 3

struct stat {
    int dev;
    unsigned ino;
    short type;
    short nlink;
    unsigned long size; /* of 32 bits, so that %d and %ld both print it */
};

#endif
