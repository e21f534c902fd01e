/* See constants.h. Names are put together from those of the tables, so a new row of a table is a
 * new constant. */
#include "as/constants.h"

#include "bus/ports.h"
#include "isa/isa.h"

static const struct constant rows[] = {
#define AS_CONSTANT(name, value, meaning) {name, value, meaning},
#include "as/constants.def"
#define TG_CAUSE(ID, name, vector, saved_pc, error, address, meaning)                              \
    {"CAUSE_" #ID, vector, "vector: " meaning},
#include "isa/causes.def"
#define TG_ACCESS(ID, number, name) {"ACCESS_" #ID, number, "bits 3:0 of an error word: " name},
#include "isa/causes.def"
#define TG_PAGE_REASON(ID, number, meaning) {"PAGE_REASON_" #ID, number, "reason: " meaning},
#include "isa/causes.def"
#define TG_PRIVILEGE_REASON(ID, number, meaning)                                                   \
    {"PRIVILEGE_REASON_" #ID, number, "reason: " meaning},
#include "isa/causes.def"
#define TG_GATE_REASON(ID, number, meaning) {"GATE_REASON_" #ID, number, "reason: " meaning},
#include "isa/causes.def"
#define TG_DEVICE(ID, id, source, memory_base, memory_bytes, meaning)                              \
    {"SOURCE_" #ID, source, "interrupt source: " meaning},                                         \
        {"WINDOW_" #ID, memory_base, "physical address: " meaning},
#include "bus/devices.def"
#define TG_REGISTER(DEVICE, NAME, port, count, bytes, access, meaning)                             \
    {"PORT_" #DEVICE "_" #NAME, port, "port: " meaning},
#include "bus/devices.def"
#define TG_BITS(DEVICE, REGISTER, NAME, high, low, meaning)                                        \
    {#DEVICE "_" #REGISTER "_" #NAME, ((INT64_C(2) << ((high) - (low))) - 1) << (low),             \
     "bits: " meaning},                                                                            \
        {#DEVICE "_" #REGISTER "_" #NAME "_SHIFT", low, "lowest bit: " meaning},
#include "bus/devices.def"
};

/* Devices without interrupts or memory have no constants for them. */
static int is_nothing(const struct constant *row)
{
    return (row->name[0] == 'S' && row->name[1] == 'O' && row->value == TG_NO_SOURCE) ||
           (row->name[0] == 'W' && row->name[1] == 'I' && row->value == 0);
}

const struct constant *constant_row(size_t index)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (!is_nothing(&rows[i]) && index-- == 0)
            return &rows[i];
    return NULL;
}
