/* Memory from the heap, numbers, sorting, the end. */
#ifndef LIBC_STDLIB_H
#define LIBC_STDLIB_H

#include <stddef.h>

#define EXIT_SUCCESS 0
#define EXIT_FAILURE 1
#define RAND_MAX     0x7fffffff

void *malloc(size_t bytes);
void *calloc(size_t count, size_t bytes);
void *realloc(void *memory, size_t bytes);
void free(void *memory);

int atoi(const char *text);
long atol(const char *text);
long strtol(const char *text, char **ret_end, int base);
unsigned long strtoul(const char *text, char **ret_end, int base);
long long strtoll(const char *text, char **ret_end, int base);
unsigned long long strtoull(const char *text, char **ret_end, int base);

void qsort(void *base, size_t count, size_t bytes, int (*compare)(const void *, const void *));
void *bsearch(const void *key, const void *base, size_t count, size_t bytes,
              int (*compare)(const void *, const void *));

int abs(int value);
long labs(long value);
int rand(void);
void srand(unsigned seed);

/* Runs what atexit() was given, writes out the streams, ends. */
_Noreturn void exit(int status);
int atexit(void (*function)(void));
_Noreturn void abort(void);
char *getenv(const char *name);

#endif
