/*
 * See program.h.
 */
#include "support/program.h"

#include <check.h>

void program_begin(struct program *program, uint32_t base)
{
    program->base = base;
    program->count = 0;
}

uint32_t program_here(const struct program *program)
{
    return program->base + 4 * program->count;
}

void program_word(struct program *program, uint32_t word)
{
    ck_assert_uint_lt(program->count, PROGRAM_WORDS);
    program->words[program->count++] = word;
}

void program_r(struct program *program, enum tg_insn_id id, unsigned rd, unsigned ra, unsigned rb)
{
    uint32_t word = tg_word_r(id, rd, ra, rb);
    ck_assert_msg(word != 0, "%s has no such operands", tg_insn_info(id)->mnemonic);
    program_word(program, word);
}

void program_i(struct program *program, enum tg_insn_id id, unsigned rd, unsigned ra, int32_t imm)
{
    uint32_t word = tg_word_i(id, rd, ra, imm);
    ck_assert_msg(word != 0, "%s has no such operands", tg_insn_info(id)->mnemonic);
    program_word(program, word);
}

void program_li(struct program *program, unsigned rd, uint32_t value)
{
    uint32_t upper = (value + 0x800) & 0xfffff000;
    program_i(program, TG_INSN_LUI, rd, 0, (int32_t)upper);
    program_i(program, TG_INSN_ADDI, rd, rd, (int32_t)(value - upper));
}

void program_out(struct program *program, uint32_t port, uint32_t value)
{
    program_li(program, T6, value);
    program_i(program, TG_INSN_OUTW, T6, ZERO, (int32_t)port);
}

void program_gate(struct program *program, uint32_t vbase, uint32_t vector, uint32_t handler)
{
    program_li(program, T5, vbase + TG_GATE_BYTES * vector);
    program_li(program, T6, handler);
    program_i(program, TG_INSN_SW, T6, T5, 0);
    program_li(program, T6, TG_GATE_PRESENT | TG_GATE_CLOSE | TG_GATE_RAISE);
    program_i(program, TG_INSN_SW, T6, T5, 4);
}

void program_branch(struct program *program, enum tg_insn_id id, unsigned rd, unsigned ra,
                    uint32_t target)
{
    program_i(program, id, rd, ra, (int32_t)(target - program_here(program)));
}

uint32_t program_forward(struct program *program, enum tg_insn_id id, unsigned rd, unsigned ra)
{
    program_i(program, id, rd, ra, 4);
    return program->count - 1;
}

void program_land(struct program *program, uint32_t branch)
{
    struct tg_insn insn = tg_decode(program->words[branch]);
    insn.imm = (int32_t)(4 * (program->count - branch));
    ck_assert(tg_encode(&insn, &program->words[branch]));
}

void program_load(const struct program *program, struct tg_machine *machine)
{
    for (uint32_t i = 0; i < program->count; i++) {
        uint32_t word = program->words[i];
        uint8_t bytes[4] = {(uint8_t)word, (uint8_t)(word >> 8), (uint8_t)(word >> 16),
                            (uint8_t)(word >> 24)};
        ck_assert_int_eq(tg_machine_ram_write(machine, program->base + 4 * i, bytes, 4), TG_OK);
    }
}

struct tg_machine *program_machine(const struct program *program, const char *engine, uint32_t cpus)
{
    struct tg_config config = {.engine = engine, .cpus = cpus, .ram_bytes = UINT32_C(256) << 10};
    struct tg_machine *machine;
    struct tg_error error = {""};
    int result = tg_machine_create(&config, NULL, &machine, &error);
    ck_assert_msg(result == TG_OK, "%s", error.text);
    program_load(program, machine);
    return machine;
}

struct tg_stop program_run(struct tg_machine *machine, uint64_t until_insns)
{
    struct tg_run_limits limits = {.until = {.insns = until_insns, .time = TG_NO_LIMIT}};
    struct tg_stop stop;
    tg_machine_run(machine, &limits, &stop);
    return stop;
}

uint32_t program_ram(const struct tg_machine *machine, uint32_t paddr)
{
    uint8_t bytes[4];
    ck_assert_int_eq(tg_machine_ram_read(machine, paddr, bytes, 4), TG_OK);
    return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
           (uint32_t)bytes[3] << 24;
}

uint32_t program_register(const struct tg_machine *machine, uint32_t cpu, unsigned number)
{
    struct tg_cpu_view view;
    tg_machine_cpu(machine, cpu, &view);
    return view.x[number];
}
