/* Basic regular expressions as POSIX has them, without \( \) and \{ \}: ^ $ . * [...] and \ before what is to
 * mean itself. */
#ifndef MATCH_H
#define MATCH_H

#include <stdbool.h>

/* NULL, or what is wrong with the pattern. */
const char *match_check(const char *pattern);

/* Whether a text contains what the pattern describes; the pattern has been checked. */
bool match_find(const char *pattern, const char *text, bool is_case_ignored);

#endif
