/*
 * Each instruction by itself: the cases of insns_*.c, in every form that their registers allow.
 *
 * rules: INSN-* GEN-1 GEN-2 REG-1 JMP-2 TIM-1 RING-1
 */
#include <string.h>

#include "insn_cases.h"

static const struct insn_case_list *const lists[TG_INSN_COUNT] = {
#define TG_INSN(id, ...) [TG_INSN_##id] = &cases_##id,
#include "isa/insns.def"
};

/* Which registers a form gives an instruction. */
struct form {
    const char *name;
    uint8_t rd, ra, rb;
};

static bool has_operand(enum tg_insn_id id, char letter)
{
    return strchr(tg_insn_info(id)->operands, letter) != NULL;
}

/* The next form of a case after number *index; false when there is none. */
static bool next_form(enum tg_insn_id id, const struct insn_case *c, size_t *index,
                      struct form *ret_form)
{
    bool writes = has_operand(id, 'd'), reads_d = has_operand(id, 's');
    bool a = has_operand(id, 'a'), b = has_operand(id, 'b');
    const struct {
        bool is_possible;
        struct form form;
    } forms[] = {
        {true, {"all different", A0, A1, A2}},
        {writes, {"rd = zero", 0, A1, A2}},
        {writes && a, {"rd = ra", A1, A1, A2}},
        {writes && b, {"rd = rb", A2, A1, A2}},
        {a && b && c->a == c->b, {"ra = rb", A0, A1, A1}},
        {writes && a && b && c->a == c->b, {"rd = ra = rb", A1, A1, A1}},
        {reads_d && a && c->s == c->a, {"rd = ra", A1, A1, A2}},
        {a && c->a == 0 && id != TG_INSN_TLBINV, {"ra = zero", A0, 0, A2}},
        {b && c->b == 0, {"rb = zero", A0, A1, 0}},
        {reads_d && c->s == 0, {"rd = zero", 0, A1, A2}},
    };

    while (*index < COUNT(forms)) {
        size_t i = (*index)++;

        if (forms[i].is_possible && (i == 0 || !c->is_plain)) {
            *ret_form = forms[i].form;
            return true;
        }
    }
    return false;
}

static void set_register(struct lab *lab, bool is_read, uint32_t number, uint32_t value)
{
    if (is_read && number != 0)
        lab->cpu->s.x[number] = value;
}

static void put_instruction(struct lab *lab, enum tg_insn_id id, const struct insn_case *c,
                            const struct form *form)
{
    struct tg_insn insn = {.id = id, .imm = c->imm};
    uint32_t word;
    bool writes = has_operand(id, 'd'), reads_d = has_operand(id, 's');

    insn.rd = writes || reads_d ? form->rd : 0;
    insn.ra = has_operand(id, 'a') ? form->ra : 0;
    insn.rb = has_operand(id, 'b') ? form->rb : 0;
    if (!tg_encode(&insn, &word))
        ck_abort_msg("a case of %s that cannot be encoded", tg_insn_info(id)->mnemonic);
    lab_put(lab, LAB_CODE, word);
    set_register(lab, reads_d, form->rd, c->s);
    set_register(lab, insn.rb != 0, form->rb, c->b);
    set_register(lab, insn.ra != 0, form->ra, c->a);
}

static void want_result(struct lab *lab, enum tg_insn_id id, const struct insn_case *c,
                        const struct form *form)
{
    if (c->exception) {
        lab_want_exception(lab, c->exception - 1, c->error, c->address);
        return;
    }
    if (has_operand(id, 'd') && form->rd != 0)
        lab->want.x[form->rd] = c->d;
    if (c->has_memory)
        lab_want_word(lab, LAB_DATA, c->stored);
    lab->want.pc = c->jump_to ? c->jump_to : LAB_CODE + (uint32_t)(c->jump ? c->jump : 4);
    if (c->want)
        c->want(lab);
}

/* Cases that prepare nothing are run in every ring that may execute the instruction, on the stack
 * of that ring. */
static bool is_for_ring(enum tg_insn_id id, const struct insn_case *c, uint32_t ring)
{
    return ring == 0 || (tg_insn_info(id)->ring == 3 && !c->prepare);
}

static void run_case(int engine, enum tg_insn_id id, size_t number, const struct form *form,
                     uint32_t ring)
{
    const struct insn_case *c = &lists[id]->cases[number];
    struct lab lab;

    lab_open(&lab, engine);
    lab.cpu->s.status = lab_status(ring, 0, 0);
    if (c->prepare)
        c->prepare(&lab);
    put_instruction(&lab, id, c, form);
    if (c->has_memory)
        lab_put(&lab, LAB_DATA, c->memory);
    lab_ready(&lab);
    want_result(&lab, id, c, form);
    lab_step_and_check(&lab, "%s, case %zu, %s, ring %u", tg_insn_info(id)->mnemonic, number,
                       form->name, (unsigned)ring);
    if (c->check)
        c->check(&lab);
    lab_close(&lab);
}

static void run_in_all_forms(int engine, enum tg_insn_id id, size_t number, uint32_t ring)
{
    struct form form;

    for (size_t f = 0; next_form(id, &lists[id]->cases[number], &f, &form);)
        run_case(engine, id, number, &form, ring);
}

START_TEST(each_instruction_does_what_the_manual_says)
{
    int engine = _i / TG_INSN_COUNT;
    enum tg_insn_id id = (enum tg_insn_id)(_i % TG_INSN_COUNT);

    if (id == TG_INSN_ILLEGAL)
        return;
    ck_assert_uint_gt(lists[id]->count, 0);
    for (size_t i = 0; i < lists[id]->count; i++)
        for (uint32_t ring = 0; ring < 4; ring++)
            if (is_for_ring(id, &lists[id]->cases[i], ring))
                run_in_all_forms(engine, id, i, ring);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("instructions");
    TCase *tcase = tcase_create("instructions");

    tcase_add_loop_test(tcase, each_instruction_does_what_the_manual_says, 0,
                        TG_INSN_COUNT * lab_engines());
    suite_add_tcase(suite, tcase);
    return lab_main(suite);
}
