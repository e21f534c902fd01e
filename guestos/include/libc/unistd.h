/* The system's calls by their POSIX names. */
#ifndef LIBC_UNISTD_H
#define LIBC_UNISTD_H

#include "sys/types.h"

#define STDIN_FILENO  0
#define STDOUT_FILENO 1
#define STDERR_FILENO 2

#define SEEK_SET 0
#define SEEK_CUR 1
#define SEEK_END 2

#define F_OK 0
#define X_OK 1
#define W_OK 2
#define R_OK 4

extern char **environ;

/* --- Files ------------------------------------------------------------------------------------- */

ssize_t read(int file, void *buffer, size_t bytes);
ssize_t write(int file, const void *buffer, size_t bytes);
int close(int file);
off_t lseek(int file, off_t offset, int whence);
int dup(int file);
int dup2(int file, int new_file);
int pipe(int files[2]);
int isatty(int file);
int ftruncate(int file, off_t bytes);
int fsync(int file);
void sync(void);

int access(const char *path, int mode);
int chdir(const char *path);
int link(const char *path, const char *new_path);
int unlink(const char *path);
int rmdir(const char *path);

/* --- Processes --------------------------------------------------------------------------------- */

_Noreturn void _exit(int status);
pid_t fork(void);
int execv(const char *path, char *const arguments[]);
int execvp(const char *name, char *const arguments[]);
int execl(const char *path, const char *first, ...);
int execlp(const char *name, const char *first, ...);
int execve(const char *path, char *const arguments[], char *const environment[]);
pid_t getpid(void);
pid_t getppid(void);
int setpgid(pid_t pid, pid_t group);
pid_t getpgid(pid_t pid);
pid_t getpgrp(void);

void *sbrk(ptrdiff_t bytes);
unsigned sleep(unsigned seconds);
int usleep(useconds_t microseconds);

#endif
