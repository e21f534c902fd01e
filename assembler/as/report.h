/* Messages: file:line:column, what is wrong, the line and a caret under it, and how the line came
 * to be read. */
#ifndef AS_REPORT_H
#define AS_REPORT_H

#include "as/as.h"

/* An error or warning at a spot. Always false, so that "return error_at(...)" tells the caller. */
__attribute__((format(printf, 3, 4))) bool error_at(struct assembly *as, const struct spot *spot,
                                                    const char *format, ...);
__attribute__((format(printf, 3, 4))) void warn_at(struct assembly *as, const struct spot *spot,
                                                   const char *format, ...);

/* The same at a character of the statement being read; NULL: at the next character. */
__attribute__((format(printf, 3, 4))) bool error_here(struct assembly *as, const char *at,
                                                      const char *format, ...);
__attribute__((format(printf, 3, 4))) void warn_here(struct assembly *as, const char *at,
                                                     const char *format, ...);

/* The spot of a character of the statement being read. */
struct spot spot_here(const struct assembly *as, const char *at);

/* " (defined at FILE:LINE)" in the arena. */
const char *defined_where(struct assembly *as, const struct spot *spot);

/* "; did you mean "NAME"?" in the arena for the nearest of names, or "". */
const char *suggestion(struct assembly *as, struct slice word, const char *const *names,
                       size_t count);

#endif
