/* Signals: sent by kill, and always with their default effect. */
#ifndef LIBC_SIGNAL_H
#define LIBC_SIGNAL_H

#include "sys/types.h"
#include "turnpike/abi.h"

#define SIGHUP  TP_SIGHUP
#define SIGINT  TP_SIGINT
#define SIGILL  TP_SIGILL
#define SIGTRAP TP_SIGTRAP
#define SIGABRT TP_SIGABRT
#define SIGBUS  TP_SIGBUS
#define SIGKILL TP_SIGKILL
#define SIGSEGV TP_SIGSEGV
#define SIGPIPE TP_SIGPIPE
#define SIGALRM TP_SIGALRM
#define SIGTERM TP_SIGTERM
#define SIGCHLD TP_SIGCHLD

int kill(pid_t pid, int signal);
int raise(int signal);

#endif
