/* Seconds since power-on. */
#ifndef LIBC_TIME_H
#define LIBC_TIME_H

#include "sys/types.h"

time_t time(time_t *ret_now);

#endif
