/* Time since power-on: the machine does not know the date. */
#ifndef LIBC_SYS_TIME_H
#define LIBC_SYS_TIME_H

#include "sys/types.h"

struct timeval {
    time_t tv_sec;
    long tv_usec;
};

int gettimeofday(struct timeval *restrict now, void *restrict zone);

#endif
