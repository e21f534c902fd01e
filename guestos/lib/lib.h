/* What the files of the library share. */
#ifndef TURNPIKE_LIB_H
#define TURNPIKE_LIB_H

#include <stdarg.h>
#include <stddef.h>

/* Writes the streams out, once there is something to write: set by them, called by fork and exit. */
extern void (*tp_before_fork)(void);

/* Formats as printf does; put() gets the text in pieces. The number of characters. */
int tp_format(void (*put)(void *context, const char *text, size_t bytes), void *context,
              const char *format, va_list arguments);

#endif
