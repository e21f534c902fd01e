/*
 * The calls and functions of xv6 for RISC-V, so that a program written for it needs only a recompile:
 *
 *     tg-cc -mturnpike=small -I guestos/include/xv6 -fno-builtin program.c -o program
 *
 * What has another shape than in POSIX is told apart by the symbol: guestos/lib/xv6.c. A pointer that
 * xv6's calls refuse is refused here. Time: a tick is a tenth of a second, as in xv6.
 */
#ifndef XV6_USER_H
#define XV6_USER_H

struct stat;

/* --- Calls ------------------------------------------------------------------------------------- */

int fork(void);
int exit(int) __attribute__((noreturn));
int wait(int *) __asm__("xv6_wait");
int pipe(int *);
int write(int, const void *, int);
int read(int, void *, int);
int close(int);
int kill(int) __asm__("xv6_kill");
int exec(const char *, char **) __asm__("execv");
int open(const char *, int) __asm__("xv6_open");
int mknod(const char *, short, short) __asm__("xv6_mknod");
int unlink(const char *);
int fstat(int, struct stat *) __asm__("xv6_fstat");
int link(const char *, const char *);
int mkdir(const char *) __asm__("xv6_mkdir");
int chdir(const char *);
int dup(int);
int getpid(void);
char *sbrk(int);
int sleep(int) __asm__("xv6_sleep");
int pause(int) __asm__("xv6_sleep");
int uptime(void) __asm__("xv6_uptime");

/* --- Functions --------------------------------------------------------------------------------- */

int stat(const char *, struct stat *) __asm__("xv6_stat");
char *strcpy(char *, const char *);
void *memmove(void *, const void *, int);
char *strchr(const char *, char c) __asm__("xv6_strchr");
int strcmp(const char *, const char *);
void fprintf(int, const char *, ...) __asm__("xv6_fprintf");
void printf(const char *, ...) __asm__("xv6_printf");
char *gets(char *, int max) __asm__("xv6_gets");
unsigned strlen(const char *);
void *memset(void *, int, unsigned);
void *malloc(unsigned);
void free(void *);
int atoi(const char *);
int memcmp(const void *, const void *, unsigned);
void *memcpy(void *, const void *, unsigned);

#endif
