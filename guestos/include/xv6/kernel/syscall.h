/* For programs written for xv6: nothing. Calls have other numbers here, and are made by user/user.h. */
#ifndef XV6_SYSCALL_H
#define XV6_SYSCALL_H
#endif
