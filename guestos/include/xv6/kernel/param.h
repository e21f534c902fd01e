/* For programs written for xv6: limits of Turnpike by xv6's names. */
#ifndef XV6_PARAM_H
#define XV6_PARAM_H

#define NPROC       96
#define NCPU        8
#define NOFILE      32
#define NINODE      50
#define MAXARG      64
#define MAXPATH     256
#define MAXOPBLOCKS 10
#define ROOTDEV     1

#endif
