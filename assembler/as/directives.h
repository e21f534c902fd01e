/* The functions of the rows of directives.def. Each reads the rest of the line; false after an
 * error. */
#ifndef AS_DIRECTIVES_H
#define AS_DIRECTIVES_H

#include "as/as.h"

/* sections and symbols: directives.c */
bool enter_named(struct assembly *as, int argument);
bool enter_any(struct assembly *as, int is_pushed);
bool leave_section(struct assembly *as, int is_popped);
bool bind_symbols(struct assembly *as, int binding);
bool hide_symbols(struct assembly *as, int visibility);
bool set_type(struct assembly *as, int argument);
bool set_size(struct assembly *as, int argument);
bool make_common(struct assembly *as, int binding);
bool set_equal(struct assembly *as, int argument);
bool set_file(struct assembly *as, int argument);
bool include_file(struct assembly *as, int argument);
bool end_source(struct assembly *as, int argument);
bool say_error(struct assembly *as, int argument);
bool say_warning(struct assembly *as, int argument);
bool misplaced(struct assembly *as, int argument);

/* contents: contents.c */
bool put_values(struct assembly *as, int bytes);
bool put_strings(struct assembly *as, int has_end);
bool put_space(struct assembly *as, int argument);
bool put_fill(struct assembly *as, int argument);
bool put_origin(struct assembly *as, int argument);
bool put_file(struct assembly *as, int argument);
bool put_alignment(struct assembly *as, int is_power);

/* conditions: conditions.c */
enum { IF_TRUE, IF_DEFINED, IF_UNDEFINED, IF_BLANK, IF_GIVEN };
bool begin_if(struct assembly *as, int kind);
bool next_if(struct assembly *as, int has_value);
bool end_if(struct assembly *as, int argument);
/* Whether lines are assembled; if not, only directives of conditions are looked at. */
bool is_reading(const struct assembly *as);

/* macros and repetitions: macros.c */
enum { REPEAT_COUNT, REPEAT_VALUES, REPEAT_CHARACTERS };
bool begin_macro(struct assembly *as, int argument);
bool begin_repeat(struct assembly *as, int kind);

#endif
