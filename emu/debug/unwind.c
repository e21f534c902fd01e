/* See unwind.h. Each rule is a function that makes the outer frame's registers or says why it
 * cannot. */
#include "debug/unwind.h"

#include <string.h>

#include "core/bytes.h"
#include "debug/code_walk.h"
#include "debug/program_internal.h"

enum { ZERO = 0, RA = 1, SP = 2, FP = 8 };

#define ALL_KNOWN UINT32_MAX
/* zero, sp, gp, tp, s0 to s11: what a function gives back as it found it */
#define PRESERVED                                                                                  \
    (UINT32_C(1) << ZERO | UINT32_C(1) << SP | UINT32_C(1) << 3 | UINT32_C(1) << 4 |               \
     UINT32_C(3) << 8 | UINT32_C(0x3ff) << 18)

/* --- Helpers ---------------------------------------------------------------------------------- */

static bool is_known(const struct tg_frame *frame, uint32_t number)
{
    return (frame->known >> number & 1) != 0;
}

static void set_register(struct tg_frame *frame, uint32_t number, uint32_t value)
{
    if (number == ZERO)
        return;
    frame->x[number] = value;
    frame->known |= UINT32_C(1) << number;
}

static void forget_register(struct tg_frame *frame, uint32_t number)
{
    if (number == ZERO)
        return;
    frame->x[number] = 0;
    frame->known &= ~(UINT32_C(1) << number);
}

static bool read_word(const struct tg_unwind_source *source, uint32_t vaddr, uint32_t *ret_word)
{
    uint8_t bytes[4];
    if (source->read_memory == NULL || !source->read_memory(source->context, vaddr, bytes, 4))
        return false;
    *ret_word = (uint32_t)tg_get_le(bytes, 4);
    return true;
}

static bool read_physical_word(const struct tg_unwind_source *source, uint32_t paddr,
                               uint32_t *ret_word)
{
    uint8_t bytes[4];
    if (source->read_physical == NULL || !source->read_physical(source->context, paddr, bytes, 4))
        return false;
    *ret_word = (uint32_t)tg_get_le(bytes, 4);
    return true;
}

static bool read_creg(const struct tg_unwind_source *source, unsigned number, uint32_t *ret_value)
{
    return source->read_creg != NULL && source->read_creg(source->context, number, ret_value);
}

const char *tg_unwind_end_text(enum tg_unwind_end end)
{
    static const char *const texts[] = {
        [TG_UNWIND_MORE] = NULL,
        [TG_UNWIND_OUTERMOST] = "this is the outermost function",
        [TG_UNWIND_NO_RULE] = "no call frame information and no known return address here",
        [TG_UNWIND_NO_ENTRY] =
            "this is an entry of the kernel, and no entry frame is where it would be",
        [TG_UNWIND_UNREADABLE] = "the caller's registers are in memory that cannot be read",
        [TG_UNWIND_LOOP] = "the next frame would be this one again: the stack is damaged",
        [TG_UNWIND_TOO_DEEP] = "more frames than are followed",
    };
    return (size_t)end < sizeof texts / sizeof *texts ? texts[end] : NULL;
}

/* --- Ends of functions ------------------------------------------------------------------------ */

#define MAX_EPILOGUE 24 /* instructions from a place to the return */

/* One instruction of an end of a function, done to outer. False: it is none. */
static bool do_epilogue(const struct tg_unwind_source *source, const struct tg_insn *insn,
                        struct tg_frame *outer)
{
    const struct tg_insn_info *info = tg_insn_info(insn->id);
    uint32_t word, rd = insn->rd;
    if (info == NULL)
        return false;
    if (insn->id == TG_INSN_ADDI && rd == SP) {
        if ((insn->ra != SP || insn->imm < 0) && insn->ra != FP)
            return false;
        set_register(outer, SP, outer->x[insn->ra] + (uint32_t)insn->imm);
        return is_known(outer, insn->ra);
    }
    if (insn->id == TG_INSN_LW && insn->ra == SP && rd != SP) {
        if (!read_word(source, outer->x[SP] + (uint32_t)insn->imm, &word))
            return false;
        set_register(outer, rd, word);
        return true;
    }
    if ((info->effect != TG_EFFECT_ALU && info->effect != TG_EFFECT_LOAD) || rd == RA ||
        (rd != ZERO && (PRESERVED >> rd & 1) != 0))
        return false;
    forget_register(outer, rd);
    return true;
}

/* Where a jump that keeps no way back leads; false: not known. Far ones come in pairs: auipc, jalr.
 */
static bool find_jump(const struct tg_unwind_source *source, uint32_t pc,
                      const struct tg_insn *insn, uint32_t *ret_target)
{
    uint32_t word;
    if (insn->rd != ZERO)
        return false;
    *ret_target = pc + (uint32_t)insn->imm;
    if (insn->id == TG_INSN_JAL)
        return true;
    if (insn->id != TG_INSN_JALR || !read_word(source, pc - 4, &word))
        return false;
    struct tg_insn before = tg_decode(word);
    *ret_target = pc - 4 + (uint32_t)before.imm + (uint32_t)insn->imm;
    return before.id == TG_INSN_AUIPC && before.rd == insn->ra;
}

/* Compilers of this machine do not describe the ends of functions, where registers and sp have
 * their old values again. But what is left to do before the return is in the code: doing it gives
 * the caller's registers, wherever the frame is in it. */
static bool by_epilogue(const struct tg_unwind_source *source, const struct tg_frame *frame,
                        struct tg_frame *outer)
{
    struct tg_function function;
    if (frame->lookup != frame->pc || !is_known(frame, SP) || frame->program == NULL ||
        !tg_program_function_at(frame->program, frame->pc, &function))
        return false;
    for (uint32_t i = 0; i < MAX_EPILOGUE; i++) {
        uint32_t pc = frame->pc + 4 * i, word;
        if (!read_word(source, pc, &word))
            return false;
        struct tg_insn insn = tg_decode(word);
        uint32_t target;
        bool is_return =
            insn.id == TG_INSN_JALR && insn.rd == ZERO && insn.ra == RA && insn.imm == 0;
        bool is_last_call = find_jump(source, pc, &insn, &target) &&
                            (target < function.first || target >= function.end);
        if (is_return || is_last_call)
            return is_known(outer, RA) && outer->x[RA] != 0;
        if (!do_epilogue(source, &insn, outer))
            return false;
    }
    return false;
}

/* --- What is known of a frame's place --------------------------------------------------------- */

static void describe_inlined(struct tg_frame *frame, const struct tg_inlined *inlined, size_t count)
{
    /* frame is the (count - inlined)-th of the chain from the function inwards, 0 the function
     * itself */
    size_t own = count > frame->inlined ? count - frame->inlined : 0;
    frame->is_inlined = own != 0;
    if (own != 0) {
        frame->function = inlined[own - 1].name;
        frame->offset = 0;
    }
    if (own < count) { /* it is at the call of the next one inside */
        frame->path = inlined[own].call_path;
        frame->file = inlined[own].call_file;
        frame->line = inlined[own].call_line;
    }
}

/* Functions in assembly have labels inside them, and code between them, that say more than their
 * names. */
static void describe_function(struct tg_frame *frame)
{
    struct tg_function function;
    struct tg_program_symbol symbol;
    if (tg_program_function_at(frame->program, frame->lookup, &function)) {
        frame->function = function.name;
        frame->offset = frame->pc - function.entry;
        if (function.has_variables)
            return;
    }
    if (tg_program_symbol_at(frame->program, frame->lookup, &symbol, NULL) && symbol.is_code) {
        frame->function = symbol.name;
        frame->offset = frame->pc - symbol.address;
    }
}

/* In the first instructions the frame pointer is not the function's own yet, in the last ones not
 * any more. */
static void find_edges(const struct tg_unwind_source *source, struct tg_frame *frame,
                       const struct tg_cfi_frame *cfi)
{
    struct tg_function function;
    struct tg_cfi_frame last;
    struct tg_frame outer = *frame;
    if (by_epilogue(source, frame, &outer)) {
        frame->is_half_made = outer.x[SP] != frame->cfa;
        frame->cfa = outer.x[SP];
    } else if (frame->lookup == frame->pc && cfi->cfa_register != FP &&
               tg_program_function_at(frame->program, frame->pc, &function) &&
               tg_cfi_find(frame->program, function.end - 4, &last)) {
        frame->is_half_made = last.cfa_register == FP;
    }
}

static void describe(const struct tg_unwind_source *source, struct tg_frame *frame)
{
    struct tg_line_span span;
    struct tg_inlined inlined[TG_CHAIN_MAX];
    struct tg_cfi_frame cfi;
    frame->program = source->program_at != NULL
                         ? source->program_at(source->context, frame->lookup, frame->ring)
                         : NULL;
    frame->function = frame->path = frame->file = NULL;
    frame->offset = frame->line = 0;
    frame->has_cfa = frame->is_inlined = frame->is_half_made = false;
    if (frame->program == NULL)
        return;
    describe_function(frame);
    if (tg_program_line_at(frame->program, frame->lookup, &span)) {
        frame->path = span.path;
        frame->file = span.file;
        frame->line = span.line;
    }
    size_t count = tg_program_inlined(frame->program, frame->lookup, inlined, TG_CHAIN_MAX);
    describe_inlined(frame, inlined, count < TG_CHAIN_MAX ? count : TG_CHAIN_MAX);
    if (!tg_cfi_find(frame->program, frame->lookup, &cfi) || !cfi.has_cfa ||
        !is_known(frame, cfi.cfa_register))
        return;
    frame->has_cfa = true;
    frame->cfa = frame->x[cfi.cfa_register] + (uint32_t)cfi.cfa_offset;
    find_edges(source, frame, &cfi);
}

void tg_unwind_first(const struct tg_unwind_source *source, struct tg_frame *ret_frame)
{
    *ret_frame = (struct tg_frame){.rule = TG_FRAME_INNERMOST,
                                   .pc = source->pc,
                                   .lookup = source->pc,
                                   .ring = source->ring,
                                   .known = ALL_KNOWN};
    memcpy(ret_frame->x, source->x, sizeof ret_frame->x);
    ret_frame->x[ZERO] = 0;
    describe(source, ret_frame);
}

/* --- Call frame information ------------------------------------------------------------------- */

/* The value of a register of the outer frame by its rule. */
static enum tg_unwind_end apply_rule(const struct tg_unwind_source *source,
                                     const struct tg_frame *frame, const struct tg_cfi_rule *rule,
                                     uint32_t number, struct tg_frame *outer)
{
    uint32_t word, other = (uint32_t)rule->offset;
    bool is_kept = (PRESERVED >> number & 1) != 0;
    switch (rule->kind) {
    case TG_CFI_AT_OFFSET:
        if (!read_word(source, frame->cfa + (uint32_t)rule->offset, &word))
            return TG_UNWIND_UNREADABLE;
        set_register(outer, number, word);
        break;
    case TG_CFI_IS_OFFSET:
        set_register(outer, number, frame->cfa + (uint32_t)rule->offset);
        break;
    case TG_CFI_REGISTER:
        if (other < 32 && is_known(frame, other))
            set_register(outer, number, frame->x[other]);
        else
            forget_register(outer, number);
        break;
    case TG_CFI_SAME:
        break; /* outer began as a copy */
    case TG_CFI_UNSPECIFIED:
        if (number == SP)
            set_register(outer, SP, frame->cfa);
        else if (!is_kept)
            forget_register(outer, number);
        break;
    default:
        forget_register(outer, number);
    }
    return TG_UNWIND_MORE;
}

static enum tg_unwind_end by_cfi(const struct tg_unwind_source *source,
                                 const struct tg_frame *frame, const struct tg_cfi_frame *cfi,
                                 struct tg_frame *outer)
{
    const struct tg_cfi_rule *back = &cfi->rules[cfi->return_register];
    uint32_t pc = frame->x[cfi->return_register];
    if (back->kind == TG_CFI_UNDEFINED)
        return TG_UNWIND_OUTERMOST;
    if (!frame->has_cfa)
        return TG_UNWIND_NO_RULE;
    for (uint32_t number = 1; number < TG_CFI_REGISTERS; number++) {
        enum tg_unwind_end end = apply_rule(source, frame, &cfi->rules[number], number, outer);
        if (end != TG_UNWIND_MORE)
            return end;
    }
    if (back->kind == TG_CFI_SAME || back->kind == TG_CFI_UNSPECIFIED) {
        if (!is_known(frame, cfi->return_register))
            return TG_UNWIND_NO_RULE;
        forget_register(outer, RA); /* it holds the way back from here: not the outer frame's own */
    } else {
        if (!is_known(outer, cfi->return_register))
            return TG_UNWIND_NO_RULE;
        pc = outer->x[cfi->return_register];
        forget_register(outer, RA);
    }
    outer->rule = TG_FRAME_CFI;
    outer->pc = pc;
    outer->lookup = cfi->is_signal ? pc : pc - 4;
    return pc == 0 ? TG_UNWIND_OUTERMOST : TG_UNWIND_MORE;
}

/* --- Code without it -------------------------------------------------------------------------- */

/* The outer frame's registers by what a walk through the code found; base: the first sp, NULL:
 * lost. */
static void apply_state(const struct tg_unwind_source *source, const struct tg_frame *frame,
                        const struct tg_code_state *state, const uint32_t *base,
                        struct tg_frame *outer)
{
    uint32_t word;
    for (uint32_t i = 1; i < 32; i++)
        forget_register(outer, i);
    for (uint32_t i = 1; i < 32; i++)
        if (state->x[i].kind == TG_ORIGIN_REGISTER && is_known(frame, i))
            set_register(outer, state->x[i].number, frame->x[i]);
    for (unsigned i = 0; i < TG_SCRATCH_CREGS; i++)
        if (state->scratch[i].kind == TG_ORIGIN_REGISTER &&
            read_creg(source, (unsigned)TG_CR_SCRATCH0 + i, &word))
            set_register(outer, state->scratch[i].number, word);
    for (uint32_t i = 1; i < 32 && base != NULL; i++)
        if (state->is_saved[i] && read_word(source, *base + (uint32_t)state->saved_at[i], &word))
            set_register(outer, i, word);
}

/* The first sp, where a register still leads to it. */
static bool find_base(const struct tg_frame *frame, const struct tg_code_state *state,
                      uint32_t *ret_base)
{
    for (uint32_t n = 0; n < 32; n++) {
        uint32_t i = (n + SP) % 32; /* sp first */
        if (state->x[i].kind == TG_ORIGIN_BASE && is_known(frame, i)) {
            *ret_base = frame->x[i] - (uint32_t)state->x[i].offset;
            return true;
        }
    }
    return false;
}

static bool is_after_call(const struct tg_unwind_source *source, uint32_t pc)
{
    uint32_t word;
    if (pc < 4 || (pc & 3) != 0 || !read_word(source, pc - 4, &word))
        return false;
    struct tg_insn insn = tg_decode(word);
    return (insn.id == TG_INSN_JAL || insn.id == TG_INSN_JALR) && insn.rd == RA;
}

/* Whether the frame is in the code that the program begins with. */
static bool is_first_function(const struct tg_frame *frame)
{
    struct tg_function function;
    return frame->program != NULL &&
           tg_program_function_at(frame->program, frame->lookup, &function) &&
           function.entry == frame->program->entry;
}

/* Where the code of a place begins that has no call frame information: its function, or its label.
 */
static bool find_start(const struct tg_frame *frame, bool is_label, uint32_t *ret_start)
{
    struct tg_function function;
    struct tg_program_symbol symbol;
    if (frame->program == NULL)
        return false;
    if (!is_label && tg_program_function_at(frame->program, frame->lookup, &function)) {
        *ret_start = function.entry;
        return true;
    }
    if (!is_label || !tg_program_symbol_at(frame->program, frame->lookup, &symbol, NULL) ||
        !symbol.is_code)
        return false;
    *ret_start = symbol.address;
    return true;
}

/* From where the frame's code begins to where the frame is in it. A call stands for the instruction
 * after it: code elsewhere may lead to that one too. */
static bool walk_here(const struct tg_unwind_source *source, const struct tg_frame *frame,
                      struct tg_code_state *ret_state)
{
    struct tg_code code = {source->context, source->read_memory};
    uint32_t start;
    for (unsigned is_label = 0; is_label < 2; is_label++)
        if (find_start(frame, is_label != 0, &start) &&
            tg_code_walk(&code, start, frame->lookup, ret_state))
            return true;
    return false;
}

/* Whether the way back is still somewhere at a call. */
static bool keeps_return(const struct tg_code_state *state)
{
    for (uint32_t i = 2; i < 32; i++)
        if (state->x[i].kind == TG_ORIGIN_REGISTER && state->x[i].number == RA &&
            (PRESERVED >> i & 1) != 0)
            return true;
    return state->is_saved[RA];
}

static enum tg_unwind_end by_walk(const struct tg_unwind_source *source,
                                  const struct tg_frame *frame, struct tg_frame *outer)
{
    struct tg_code_state state;
    uint32_t base;
    if (source->read_memory == NULL)
        return TG_UNWIND_NO_RULE;
    if (walk_here(source, frame, &state)) {
        if (frame->lookup != frame->pc && !keeps_return(&state))
            return TG_UNWIND_OUTERMOST; /* it calls, and can never return itself */
        bool has_base = find_base(frame, &state, &base);
        apply_state(source, frame, &state, has_base ? &base : NULL, outer);
        if (has_base)
            set_register(outer, SP, base);
    } else if (!is_known(frame, RA) || !is_known(frame, SP)) {
        return TG_UNWIND_NO_RULE;
    }
    if (!is_known(outer, RA) || !is_after_call(source, outer->x[RA]))
        return TG_UNWIND_NO_RULE;
    outer->rule = TG_FRAME_RETURN;
    outer->is_guess = true;
    outer->pc = outer->x[RA];
    outer->lookup = outer->pc - 4;
    outer->known &= PRESERVED;
    return TG_UNWIND_MORE;
}

/* --- Entry frames ----------------------------------------------------------------------------- */

/* A frame that may be one, as the handler's gate demands it. */
struct entry {
    uint32_t address, words[TG_FRAME_BYTES / 4];
};

static uint32_t handler_of(const struct tg_unwind_source *source, uint32_t vbase, uint32_t vector)
{
    uint32_t handler, flags;
    if (!read_physical_word(source, vbase + vector * TG_GATE_BYTES, &handler) ||
        !read_physical_word(source, vbase + vector * TG_GATE_BYTES + 4, &flags) ||
        (flags & TG_GATE_PRESENT) == 0)
        return 0;
    return handler;
}

/* Whether what lies at address is a frame that led to handler in that ring. */
static bool read_entry(const struct tg_unwind_source *source, uint32_t vbase, uint32_t handler,
                       uint32_t ring, uint32_t address, struct entry *ret_entry)
{
    if (address % TG_FRAME_ALIGN != 0)
        return false;
    ret_entry->address = address;
    for (uint32_t i = 0; i < TG_FRAME_BYTES / 4; i++)
        if (!read_word(source, address + 4 * i, &ret_entry->words[i]))
            return false;
    uint32_t vector = ret_entry->words[TG_FRAME_VECTOR / 4],
             status = ret_entry->words[TG_FRAME_STATUS / 4];
    uint32_t sp = ret_entry->words[TG_FRAME_SP / 4];
    if (vector >> 8 > TG_ENTRY_TRAP || (ret_entry->words[TG_FRAME_PC / 4] & 3) != 0 ||
        (status & ~TG_STATUS_VALID) != 0 || (status & TG_STATUS_RING) < ring ||
        handler_of(source, vbase, vector & 0xff) != handler)
        return false;
    /* within a ring the frame lies right below the interrupted sp; but for the double fault's */
    return (status & TG_STATUS_RING) != ring || (vector & 0xff) == TG_CAUSE_DOUBLE ||
           ((sp - TG_FRAME_BYTES) & ~(uint32_t)(TG_FRAME_ALIGN - 1)) == address;
}

/* The frame where the entry put it, if a register still says; else where the entry of this ring
 * puts it. */
static bool find_entry(const struct tg_unwind_source *source, const struct tg_frame *frame,
                       const struct tg_code_state *state, uint32_t vbase, uint32_t handler,
                       bool *ret_is_guess, struct entry *ret_entry)
{
    static const unsigned stacks[] = {TG_CR_SP0, TG_CR_SP1, TG_CR_SP2};
    uint32_t base, sp;
    *ret_is_guess = false;
    if (find_base(frame, state, &base))
        return read_entry(source, vbase, handler, frame->ring, base, ret_entry);
    *ret_is_guess = true;
    if (frame->ring < 3 && read_creg(source, stacks[frame->ring], &sp) &&
        read_entry(source, vbase, handler, frame->ring,
                   (sp - TG_FRAME_BYTES) & ~(uint32_t)(TG_FRAME_ALIGN - 1), ret_entry))
        return true;
    return read_creg(source, TG_CR_SPD, &sp) &&
           read_entry(source, vbase, handler, frame->ring,
                      (sp - TG_FRAME_BYTES) & ~(uint32_t)(TG_FRAME_ALIGN - 1), ret_entry);
}

static void apply_entry(const struct entry *entry, struct tg_frame *outer)
{
    uint32_t vector = entry->words[TG_FRAME_VECTOR / 4];
    outer->rule = TG_FRAME_ENTRY;
    outer->pc = entry->words[TG_FRAME_PC / 4];
    outer->entry_frame = entry->address;
    outer->entry_kind = (enum tg_entry_kind)(vector >> 8);
    outer->vector = vector & 0xff;
    outer->error = entry->words[TG_FRAME_ERROR / 4];
    outer->address = entry->words[TG_FRAME_ADDRESS / 4];
    outer->status = entry->words[TG_FRAME_STATUS / 4];
    outer->ring = outer->status & TG_STATUS_RING;
    /* a trap's saved pc is behind it, as a return address is */
    outer->lookup = outer->entry_kind == TG_ENTRY_TRAP ? outer->pc - 4 : outer->pc;
    set_register(outer, SP, entry->words[TG_FRAME_SP / 4]);
}

/* Handlers that were looked at: many gates lead to few. */
#define MAX_HANDLERS 32

static enum tg_unwind_end by_entry(const struct tg_unwind_source *source,
                                   const struct tg_frame *frame, struct tg_frame *outer)
{
    uint32_t vbase, handlers[MAX_HANDLERS], count = 0;
    struct tg_code code = {source->context, source->read_memory};
    enum tg_unwind_end end = TG_UNWIND_NO_RULE;
    if (source->read_memory == NULL || !read_creg(source, TG_CR_VBASE, &vbase) || vbase == 0)
        return TG_UNWIND_NO_RULE;
    for (uint32_t vector = 0; vector < TG_GATE_COUNT && count < MAX_HANDLERS; vector++) {
        uint32_t handler = handler_of(source, vbase, vector), i = 0;
        struct tg_code_state state;
        struct entry entry;
        bool is_guess;
        while (i < count && handlers[i] != handler)
            i++;
        if (handler == 0 || i < count)
            continue;
        handlers[count++] = handler;
        if (!tg_code_walk(&code, handler, frame->lookup, &state))
            continue;
        end = TG_UNWIND_NO_ENTRY;
        if (!find_entry(source, frame, &state, vbase, handler, &is_guess, &entry))
            continue;
        apply_state(source, frame, &state, &entry.address, outer);
        apply_entry(&entry, outer);
        outer->is_guess = is_guess;
        return TG_UNWIND_MORE;
    }
    return end;
}

/* After do_epilogue's work. */
static enum tg_unwind_end end_epilogue(const struct tg_frame *frame, struct tg_frame *outer)
{
    struct tg_cfi_frame cfi;
    bool is_described = tg_cfi_find(frame->program, frame->lookup, &cfi);
    outer->rule = is_described ? TG_FRAME_CFI : TG_FRAME_RETURN;
    outer->is_guess = !is_described;
    outer->pc = outer->x[RA];
    outer->lookup = outer->pc - 4;
    outer->known &= PRESERVED;
    return TG_UNWIND_MORE;
}

/* --- One step --------------------------------------------------------------------------------- */

static enum tg_unwind_end make_outer(const struct tg_unwind_source *source,
                                     const struct tg_frame *frame, struct tg_frame *outer)
{
    struct tg_cfi_frame cfi;
    enum tg_unwind_end end = TG_UNWIND_NO_RULE;
    struct tg_frame trial = *outer;
    if (by_epilogue(source, frame, &trial)) {
        *outer = trial;
        return end_epilogue(frame, outer);
    }
    if (frame->program != NULL && tg_cfi_find(frame->program, frame->lookup, &cfi))
        end = by_cfi(source, frame, &cfi, outer);
    else if ((end = by_entry(source, frame, outer)) == TG_UNWIND_NO_RULE)
        end = by_walk(source, frame, outer);
    return end == TG_UNWIND_NO_RULE && is_first_function(frame) ? TG_UNWIND_OUTERMOST : end;
}

static bool is_loop(const struct tg_frame *frame, const struct tg_frame *outer)
{
    if (outer->rule == TG_FRAME_ENTRY)
        return false; /* another stack; the number of frames is the bound */
    if (!is_known(frame, SP) || !is_known(outer, SP))
        return false;
    return outer->x[SP] < frame->x[SP] || (outer->x[SP] == frame->x[SP] && outer->pc == frame->pc);
}

enum tg_unwind_end tg_unwind_outer(const struct tg_unwind_source *source,
                                   const struct tg_frame *frame, struct tg_frame *ret_outer)
{
    struct tg_frame outer = *frame;
    if (frame->number + 1 >= TG_UNWIND_MAX_FRAMES)
        return TG_UNWIND_TOO_DEEP;
    outer.number++;
    outer.is_guess = false;
    outer.entry_frame = outer.vector = outer.error = outer.address = 0;
    outer.entry_kind = TG_ENTRY_EXCEPTION;
    if (frame->is_inlined) {
        outer.rule = TG_FRAME_INLINED;
        outer.inlined++;
    } else {
        enum tg_unwind_end end = make_outer(source, frame, &outer);
        if (end != TG_UNWIND_MORE)
            return end;
        outer.inlined = 0;
        if (is_loop(frame, &outer))
            return TG_UNWIND_LOOP;
    }
    describe(source, &outer);
    *ret_outer = outer;
    return TG_UNWIND_MORE;
}

/* --- Scopes ----------------------------------------------------------------------------------- */

static bool scope_memory(void *context, uint32_t vaddr, void *bytes, size_t count)
{
    const struct tg_unwind_source *source = ((struct tg_frame_scope *)context)->source;
    return source->read_memory != NULL && source->read_memory(source->context, vaddr, bytes, count);
}

static bool scope_physical(void *context, uint32_t paddr, void *bytes, size_t count)
{
    const struct tg_unwind_source *source = ((struct tg_frame_scope *)context)->source;
    return source->read_physical != NULL &&
           source->read_physical(source->context, paddr, bytes, count);
}

static bool scope_register(void *context, unsigned number, uint32_t *ret_value)
{
    const struct tg_frame *frame = ((struct tg_frame_scope *)context)->frame;
    if (number >= 32 || !is_known(frame, number))
        return false;
    *ret_value = frame->x[number];
    return true;
}

static bool scope_creg(void *context, unsigned number, uint32_t *ret_value)
{
    return read_creg(((struct tg_frame_scope *)context)->source, number, ret_value);
}

static bool scope_variable(void *context, const char *name, size_t length,
                           struct tg_value *ret_value)
{
    const struct tg_unwind_source *source = ((struct tg_frame_scope *)context)->source;
    return source->read_variable != NULL &&
           source->read_variable(source->context, name, length, ret_value);
}

void tg_scope_of_frame(const struct tg_unwind_source *source, const struct tg_frame *frame,
                       struct tg_program *const *others, size_t other_count,
                       struct tg_frame_scope *ret_scope)
{
    ret_scope->source = source;
    ret_scope->frame = frame;
    ret_scope->scope = (struct tg_scope){
        .context = ret_scope,
        .read_memory = scope_memory,
        .read_physical = scope_physical,
        .read_register = scope_register,
        .read_creg = scope_creg,
        .read_variable = scope_variable,
        .program = frame->program,
        .others = others,
        .other_count = other_count,
        .pc = frame->pc,
        .lookup = frame->lookup,
        .inlined = frame->inlined,
        .has_cfa = frame->has_cfa,
        .cfa = frame->cfa,
        .is_half_made = frame->is_half_made,
    };
}
