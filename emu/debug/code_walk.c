/* See code_walk.h. */
#include "debug/code_walk.h"

#include <string.h>

#include "core/bytes.h"

#define MAX_INSNS   1500
#define MAX_PENDING 24 /* branches whose other way is still to be followed */

enum { RA = 1, SP = 2 };

struct path {
    uint32_t pc;
    struct tg_code_state state;
};

struct walk {
    const struct tg_code *code;
    struct path pending[MAX_PENDING];
    unsigned count;
};

static struct tg_code_state first_state(void)
{
    struct tg_code_state state;
    memset(&state, 0, sizeof state);
    for (uint32_t i = 0; i < 32; i++)
        state.x[i] = (struct tg_origin){TG_ORIGIN_REGISTER, i, 0};
    state.x[SP] = (struct tg_origin){TG_ORIGIN_BASE, 0, 0};
    return state;
}

static void set(struct tg_code_state *state, uint32_t rd, struct tg_origin origin)
{
    if (rd != 0)
        state->x[rd] = origin;
}

static const struct tg_origin unknown = {TG_ORIGIN_UNKNOWN, 0, 0};

/* What a called function may change. */
static void forget_lost(struct tg_code_state *state)
{
    for (uint32_t i = 0; i < 32; i++) {
        bool is_kept = i == 0 || (i >= 2 && i <= 4) || i == 8 || i == 9 || (i >= 18 && i <= 27);
        if (!is_kept)
            state->x[i] = unknown;
    }
}

static void store(struct tg_code_state *state, const struct tg_insn *insn)
{
    struct tg_origin base = state->x[insn->ra], value = state->x[insn->rd];
    if (base.kind != TG_ORIGIN_BASE)
        return;
    int32_t at = (int32_t)((uint32_t)base.offset + (uint32_t)insn->imm);
    if (value.kind == TG_ORIGIN_REGISTER && value.number != 0) {
        state->is_saved[value.number] = true;
        state->saved_at[value.number] = at;
    }
    for (uint32_t i = 0; i < 32; i++) /* another value took the place of one */
        if (state->is_saved[i] && state->saved_at[i] == at &&
            (value.kind != TG_ORIGIN_REGISTER || value.number != i))
            state->is_saved[i] = false;
}

static void load(struct tg_code_state *state, const struct tg_insn *insn)
{
    struct tg_origin base = state->x[insn->ra], value = unknown;
    int32_t at = (int32_t)((uint32_t)base.offset + (uint32_t)insn->imm);
    for (uint32_t i = 0; i < 32 && base.kind == TG_ORIGIN_BASE; i++)
        if (state->is_saved[i] && state->saved_at[i] == at)
            value = (struct tg_origin){TG_ORIGIN_REGISTER, i, 0};
    set(state, insn->rd, value);
}

static struct tg_origin *scratch_of(struct tg_code_state *state, int32_t number)
{
    return number >= TG_CR_SCRATCH0 && number < TG_CR_SCRATCH0 + TG_SCRATCH_CREGS
               ? &state->scratch[number - TG_CR_SCRATCH0]
               : NULL;
}

static void move_creg(struct tg_code_state *state, const struct tg_insn *insn)
{
    struct tg_origin *scratch = scratch_of(state, insn->imm), before = unknown;
    if (scratch != NULL)
        before = *scratch;
    if (scratch != NULL && insn->id != TG_INSN_RDCR)
        *scratch = state->x[insn->ra];
    if (insn->id != TG_INSN_WRCR)
        set(state, insn->rd, before);
}

static void add_immediate(struct tg_code_state *state, const struct tg_insn *insn)
{
    struct tg_origin value = state->x[insn->ra];
    if (value.kind == TG_ORIGIN_BASE)
        value.offset = (int32_t)((uint32_t)value.offset + (uint32_t)insn->imm);
    else if (insn->imm != 0)
        value = unknown;
    set(state, insn->rd, value);
}

static void follow_later(struct walk *walk, uint32_t pc, const struct tg_code_state *state)
{
    if (walk->count < MAX_PENDING)
        walk->pending[walk->count++] = (struct path){pc, *state};
}

/* One instruction; false: the path ends here. */
static bool step(struct walk *walk, struct path *path, const struct tg_insn *insn)
{
    struct tg_code_state *state = &path->state;
    const struct tg_insn_info *info = tg_insn_info(insn->id);
    uint32_t pc = path->pc;
    path->pc += 4;
    if (insn->id == TG_INSN_ILLEGAL || insn->id == TG_INSN_IRET)
        return false;
    if (insn->id == TG_INSN_ADDI) {
        add_immediate(state, insn);
    } else if (insn->id == TG_INSN_SW) {
        store(state, insn);
    } else if (insn->id == TG_INSN_LW) {
        load(state, insn);
    } else if (insn->id == TG_INSN_RDCR || insn->id == TG_INSN_WRCR || insn->id == TG_INSN_SWCR) {
        move_creg(state, insn);
    } else if (info->effect == TG_EFFECT_BRANCH) {
        follow_later(walk, pc + (uint32_t)insn->imm, state);
    } else if (info->effect == TG_EFFECT_JUMP) {
        if (insn->rd != 0) {
            forget_lost(state);
            return true;
        }
        if (insn->id != TG_INSN_JAL)
            return false;
        path->pc = pc + (uint32_t)insn->imm;
    } else if (info->effect != TG_EFFECT_STORE && info->effect != TG_EFFECT_PORT_OUT) {
        set(state, insn->rd, unknown);
    }
    return true;
}

bool tg_code_walk(const struct tg_code *code, uint32_t first, uint32_t address,
                  struct tg_code_state *ret_state)
{
    struct walk walk = {.code = code};
    walk.pending[walk.count++] = (struct path){first, first_state()};
    uint32_t budget = MAX_INSNS;
    while (walk.count != 0) {
        struct path path = walk.pending[--walk.count];
        for (; path.pc != address && budget != 0; budget--) {
            uint8_t word[4];
            if ((path.pc & 3) != 0 || !code->read(code->context, path.pc, word, sizeof word))
                break;
            struct tg_insn insn = tg_decode((uint32_t)tg_get_le(word, 4));
            if (!step(&walk, &path, &insn))
                break;
        }
        if (path.pc == address) {
            *ret_state = path.state;
            return true;
        }
    }
    return false;
}
