/* For programs written for xv6: where the kernel's half of the address space begins. */
#ifndef XV6_MEMLAYOUT_H
#define XV6_MEMLAYOUT_H

#include "turnpike/abi.h"

#define KERNBASE TP_USER_END

#endif
