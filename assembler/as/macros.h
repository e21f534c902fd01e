/* Macros, and repetitions that put a text in place of a name. */
#ifndef AS_MACROS_H
#define AS_MACROS_H

#include "as/as.h"

struct macro_parameter {
    struct slice name;
    struct slice value; /* what it has when none is given */
    bool is_required, takes_rest;
};

struct macro {
    struct slice name;
    struct macro_parameter *parameters;
    size_t parameter_count;
    struct slice body;
    uint32_t body_number; /* line of its first line */
    struct spot spot;
};

/* A call, after the macro's name: its lines are read next. */
bool call_macro(struct assembly *as, const struct macro *macro);

#endif
