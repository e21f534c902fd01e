/*
 * The names by which the tests know the guest's C library: defined before the host's headers are read, so
 * that these declare them.
 */
#ifndef NAMES_H
#define NAMES_H

#define memchr   guest_memchr
#define strlen   guest_strlen
#define strnlen  guest_strnlen
#define strcmp   guest_strcmp
#define strncmp  guest_strncmp
#define strcpy   guest_strcpy
#define strncpy  guest_strncpy
#define strcat   guest_strcat
#define strncat  guest_strncat
#define strchr   guest_strchr
#define strrchr  guest_strrchr
#define strstr   guest_strstr
#define strspn   guest_strspn
#define strcspn  guest_strcspn
#define strpbrk  guest_strpbrk
#define strtok_r guest_strtok_r
#define strtok   guest_strtok
#define strdup   guest_strdup
#define strerror guest_strerror
#define strsignal guest_strsignal
#define strtol   guest_strtol
#define strtoll  guest_strtoll
#define strtoul  guest_strtoul
#define strtoull guest_strtoull
#define atoi     guest_atoi
#define atol     guest_atol
#define abs      guest_abs
#define labs     guest_labs
#define rand     guest_rand
#define srand    guest_srand
#define qsort    guest_qsort
#define bsearch  guest_bsearch
#define exit     guest_exit
#define atexit   guest_atexit
#define abort    guest_abort
#define raise    guest_raise
#define getenv   guest_getenv
#define environ  guest_environ
#define malloc   guest_malloc
#define calloc   guest_calloc
#define realloc  guest_realloc
#define free     guest_free
#define sbrk     guest_sbrk

#endif
