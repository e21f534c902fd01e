/*
 * Following code from where it begins to where a CPU is in it, to learn where it put the registers
 * that it began with. For code that has no call frame information: entry stubs and functions in
 * assembly. Knows TG32's instructions by their table only.
 */
#ifndef TG_CODE_WALK_H
#define TG_CODE_WALK_H

#include "tollgate.h"

enum tg_origin_kind {
    TG_ORIGIN_UNKNOWN,
    TG_ORIGIN_REGISTER, /* what register number had at the beginning */
    TG_ORIGIN_BASE      /* sp at the beginning, plus offset */
};

struct tg_origin {
    enum tg_origin_kind kind;
    uint32_t number;
    int32_t offset;
};

#define TG_SCRATCH_CREGS 4 /* scratch0 to scratch3 may hold a register for a while */

struct tg_code_state {
    struct tg_origin x[32];
    struct tg_origin scratch[TG_SCRATCH_CREGS];
    bool is_saved[32]; /* the register's first value is in memory, at the first sp + saved_at */
    int32_t saved_at[32];
};

struct tg_code {
    void *context;
    bool (*read)(void *context, uint32_t vaddr, void *bytes, size_t count);
};

/* Follows the code from first on, both ways at branches, over calls, within a budget. Whether it
 * comes to address, and the state before the instruction there. */
bool tg_code_walk(const struct tg_code *code, uint32_t first, uint32_t address,
                  struct tg_code_state *ret_state);

#endif
