/*
 * Streams. Standard output is written out at each end of a line on a terminal, and when its buffer is
 * full elsewhere; standard error at the end of each call. All are written out before a fork (what was
 * printed before it is printed once), and by exit().
 */
#ifndef LIBC_STDIO_H
#define LIBC_STDIO_H

#include <stdarg.h>
#include <stddef.h>

#include "sys/types.h"

typedef struct file FILE;

#define EOF       (-1)
#define BUFSIZ    512
#define FOPEN_MAX 8

#ifndef SEEK_SET
#define SEEK_SET 0
#define SEEK_CUR 1
#define SEEK_END 2
#endif

#define PRINTF_(first, rest) __attribute__((format(printf, first, rest)))

extern FILE *const stdin, *const stdout, *const stderr;

/* mode: r, w or a, perhaps with + (and b, which changes nothing). */
FILE *fopen(const char *path, const char *mode);
FILE *fdopen(int file, const char *mode);
int fclose(FILE *stream);
/* NULL: all streams. */
int fflush(FILE *stream);

int fgetc(FILE *stream);
int getc(FILE *stream);
int getchar(void);
int ungetc(int character, FILE *stream);
char *fgets(char *line, int bytes, FILE *stream);
size_t fread(void *buffer, size_t bytes, size_t count, FILE *stream);

int fputc(int character, FILE *stream);
int putc(int character, FILE *stream);
int putchar(int character);
int fputs(const char *text, FILE *stream);
int puts(const char *text);
size_t fwrite(const void *buffer, size_t bytes, size_t count, FILE *stream);

int fseek(FILE *stream, long offset, int whence);
long ftell(FILE *stream);
void rewind(FILE *stream);
int feof(FILE *stream);
int ferror(FILE *stream);
void clearerr(FILE *stream);
int fileno(FILE *stream);

/* %d %i %u %x %X %o %c %s %p %%, with flags "-0+ #", width, precision, and sizes hh h l ll z t j. No
 * floating point. */
PRINTF_(1, 2) int printf(const char *format, ...);
PRINTF_(2, 3) int fprintf(FILE *stream, const char *format, ...);
PRINTF_(2, 3) int dprintf(int file, const char *format, ...);
PRINTF_(2, 3) int sprintf(char *text, const char *format, ...);
PRINTF_(3, 4) int snprintf(char *text, size_t bytes, const char *format, ...);
int vprintf(const char *format, va_list arguments);
int vfprintf(FILE *stream, const char *format, va_list arguments);
int vdprintf(int file, const char *format, va_list arguments);
int vsnprintf(char *text, size_t bytes, const char *format, va_list arguments);

void perror(const char *what);
int remove(const char *path);
int rename(const char *path, const char *new_path);

#endif
