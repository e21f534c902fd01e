/* The one place where error texts are formatted: see error.h. */
#include "core/error.h"

#include <stdarg.h>
#include <stdio.h>

int tg_fail(struct tg_error *error, int result, const char *format, ...)
{
    if (error != NULL) {
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(error->text, sizeof error->text, format, arguments);
        va_end(arguments);
    }
    return result;
}
