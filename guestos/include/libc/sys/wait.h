/* How children ended. */
#ifndef LIBC_SYS_WAIT_H
#define LIBC_SYS_WAIT_H

#include "sys/types.h"
#include "turnpike/abi.h"

#define WNOHANG TP_WAIT_NOHANG

#define WIFEXITED(status)   (((status)&0xff) == 0)
#define WEXITSTATUS(status) (((status) >> 8) & 0xff)
#define WIFSIGNALED(status) (((status)&0x7f) != 0)
#define WTERMSIG(status)    ((status)&0x7f)

pid_t wait(int *status);
pid_t waitpid(pid_t pid, int *status, int options);

#endif
