/* The error of the last call that failed (picolibc has its own). */
#include <errno.h>

int errno;
