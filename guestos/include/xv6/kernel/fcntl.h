/* For programs written for xv6: see user/user.h. The numbers are Turnpike's own. */
#ifndef XV6_FCNTL_H
#define XV6_FCNTL_H

#define O_RDONLY 0x000
#define O_WRONLY 0x001
#define O_RDWR   0x002
#define O_CREATE 0x040
#define O_TRUNC  0x200

#endif
