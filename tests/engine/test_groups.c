/*
 * The fast engine's groups (emu/core/fast/fast_fuse.def), each row by itself: its operations with
 * registers that make its links, after which registers, memory and counts must be those of the
 * reference engine, wherever the run is cut, and when one of its loads or stores is misaligned,
 * crosses into another page, is refused, or changes the group's own words.
 */
#include <check.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/fast/fast.h"
#include "core/ram.h"
#include "support/random_guest.h"

enum {
    VECTORS = 0x1000,
    HANDLER = 0x2000,
    STACK = 0x4000,
    CODE = 0x5000,
    CODE_END = 0x6000, /* page behind the code: code, too */
    DATA = 0x7000,
    HOLE = 0x9000, /* behind two pages of data: not mapped */
    DIRECTORY = 0xa000,
    TABLE = 0xb000,
    RAM_BYTES = 0x10000,
    TRIALS = 60
};

struct row {
    const char *name;
    uint32_t length;
    const char *op[FAST_GROUP_MAX];
    const char *link[FAST_GROUP_MAX];
};

static const struct row rows[] = {
#define FAST_GROUP2(a, l, b)       {#a " " #l " " #b, 2, {#a, #b}, {"N", #l}},
#define FAST_GROUP3(a, l, b, m, c) {#a " " #l " " #b " " #m " " #c, 3, {#a, #b, #c}, {"N", #l, #m}},
#define FAST_GROUP4(a, l, b, m, c, n, d)                                                           \
    {#a " " #l " " #b " " #m " " #c " " #n " " #d, 4, {#a, #b, #c, #d}, {"N", #l, #m, #n}},
#include "core/fast/fast_fuse.def"
};
#define ROW_COUNT (sizeof rows / sizeof rows[0])

/* The instruction of an operation. */
static enum tg_insn_id insn_of(const char *op)
{
    static const struct {
        const char *op;
        enum tg_insn_id id;
    } names[] = {
#define TG_INSN(id, ...) {#id, TG_INSN_##id},
#include "isa/insns.def"
        {"LI", TG_INSN_LUI},
        {"MV", TG_INSN_ADDI},
        {"J", TG_INSN_JAL},
        {"JR", TG_INSN_JALR},
    };

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(names[i].op, op) == 0)
            return names[i].id;
    ck_abort_msg("no operation %s", op);
    return TG_INSN_ILLEGAL;
}

/* Small registers, so that accidents happen: others than the links ask for are equal, too. */
static uint8_t some_register(struct random_source *source)
{
    return (uint8_t)(random_chance(source, 5) ? 0 : 5 + random_below(source, 8));
}

static uint32_t some_address(struct random_source *source)
{
    static const uint32_t places[] = {DATA + 64, DATA + 0xffc, HOLE - 8,
                                      CODE,      CODE_END - 4, HOLE + 16};

    if (random_chance(source, 60))
        return DATA + 1024 + 4 * random_below(source, 100);
    return places[random_below(source, 6)] + 4 * random_below(source, 4) +
           (random_chance(source, 10) ? random_below(source, 4) : 0);
}

/* An instruction of op whose link to the one before is as wanted. */
static struct tg_insn linked(struct random_source *source, const char *op, const char *link,
                             const struct tg_insn *before)
{
    const struct tg_insn_info *info = tg_insn_info(insn_of(op));
    struct tg_insn insn = {insn_of(op), some_register(source), some_register(source), 0, 0};
    bool is_memory = info->effect == TG_EFFECT_LOAD || info->effect == TG_EFFECT_STORE;

    if (info->format == TG_FORMAT_R)
        insn.rb = some_register(source);
    else if (info->format == TG_FORMAT_H)
        insn.imm = (int32_t)random_below(source, 32);
    else if (info->format == TG_FORMAT_B)
        insn.imm = 4 * (int32_t)(2 + random_below(source, 4));
    else if (info->format == TG_FORMAT_U)
        insn.imm = random_chance(source, 50) ? (int32_t)DATA
                                             : (int32_t)(random_next(source) & TG_PTE_PAGE);
    else if (info->format == TG_FORMAT_I || info->format == TG_FORMAT_S)
        insn.imm = is_memory ? 4 * (int32_t)random_below(source, 4)
                             : (int32_t)random_below(source, 64) - 32;
    if (strcmp(op, "MV") == 0)
        insn.imm = 0;
    if (strcmp(op, "MV") == 0 || strcmp(op, "ADDI") == 0)
        insn.ra = insn.ra ? insn.ra : 6; /* from zero it would be LI */
    if (strcmp(op, "ADDI") == 0)
        insn.imm = insn.imm ? insn.imm : 4; /* with 0 it would be MV */
    if (strcmp(op, "J") == 0 || strcmp(op, "JR") == 0)
        insn.rd = 0;
    if (strcmp(op, "LI") == 0 || info->format == TG_FORMAT_J || info->format == TG_FORMAT_U)
        insn.ra = 0;
    if (info->format == TG_FORMAT_J)
        insn.imm = 8 + 4 * (int32_t)random_below(source, 4);
    if (info->effect == TG_EFFECT_JUMP && insn.rd == 0 && op[1] == 'A')
        insn.rd = 1;
    if (!before)
        return insn;
    if (*link == 'F' && info->effect == TG_EFFECT_BRANCH)
        insn.rd = before->rd;
    else if (*link == 'F' || *link == 'D')
        insn.ra = before->rd;
    if (*link == 'D')
        insn.rd = before->rd;
    if (*link == 'G')
        insn.rd = before->rd;
    if (*link == 'S')
        insn.ra = before->ra;
    return insn;
}

static struct tg_machine *make(const char *engine)
{
    struct tg_config config = {.engine = engine, .ram_bytes = RAM_BYTES};
    struct tg_machine *machine;

    ck_assert_int_eq(tg_machine_create(&config, NULL, &machine, NULL), TG_OK);
    for (uint32_t v = 0; v < TG_GATE_COUNT; v++) {
        tg_ram_store(machine, VECTORS + v * TG_GATE_BYTES, 4, HANDLER);
        tg_ram_store(machine, VECTORS + v * TG_GATE_BYTES + 4, 4, TG_GATE_PRESENT | TG_GATE_CLOSE);
    }
    tg_ram_store(machine, DIRECTORY, 4, TABLE | TG_PTE_PRESENT);
    return machine;
}

/* Everything that a trial begins with. */
static void prepare(struct tg_machine *machine, struct random_source source, const struct row *row)
{
    struct tg_cpu_state *s = &machine->cpus[0].s;
    struct tg_insn insn = {TG_INSN_ILLEGAL, 0, 0, 0, 0};
    uint32_t start = CODE + (random_chance(&source, 20) ? 0xff4 : 4 * random_below(&source, 200));
    uint64_t insns = s->insns;
    uint32_t word = 0;

    for (uint32_t at = CODE; at < HOLE; at += 4)
        tg_ram_store(machine, at, 4,
                     at < DATA ? tg_word_i(TG_INSN_ADDI, 15, 15, 1) : random_next(&source));
    for (uint32_t page = 0; page < RAM_BYTES / TG_PAGE_BYTES; page++)
        tg_ram_store(machine, TABLE + 4 * page, 4,
                     page == HOLE >> TG_PAGE_SHIFT ? 0 : page << TG_PAGE_SHIFT | 0x3f);
    for (uint32_t i = 0; i < row->length; i++) {
        insn = linked(&source, row->op[i], row->link[i], i > 0 ? &insn : NULL);
        ck_assert_msg(tg_encode(&insn, &word), "%s", row->name);
        tg_ram_store(machine, start + 4 * i, 4, word);
    }
    tg_ram_store(machine, HANDLER, 4, tg_word_i(TG_INSN_JAL, 0, 0, 0));
    *s = (struct tg_cpu_state){
        .insns = insns, .pc = start, .vbase = VECTORS, .run_state = TG_CPU_RUNNING};
    for (uint32_t i = 1; i < 32; i++)
        s->x[i] = random_chance(&source, 70) ? some_address(&source) : random_next(&source);
    s->x[2] = s->spd = STACK;
    if (random_chance(&source, 70))
        s->ptroot = DIRECTORY | TG_PTROOT_ENABLE;
    machine->engine->state_changed(machine->engine_caches, NULL);
}

static void compare(struct tg_machine *const machines[2], const struct row *row, uint32_t trial,
                    uint32_t cut)
{
    const struct tg_cpu *a = &machines[0]->cpus[0], *b = &machines[1]->cpus[0];

    ck_assert_msg(memcmp(a->s.x, b->s.x, sizeof a->s.x) == 0 && a->s.pc == b->s.pc,
                  "%s, trial %" PRIu32 ": registers differ after %" PRIu32
                  " instructions (pc 0x%" PRIx32 ", 0x%" PRIx32 ")",
                  row->name, trial, cut, a->s.pc, b->s.pc);
    ck_assert_msg(tg_machine_digest(machines[0]) == tg_machine_digest(machines[1]),
                  "%s, trial %" PRIu32 ": states differ after %" PRIu32 " instructions", row->name,
                  trial, cut);
    ck_assert_msg(memcmp(&a->counts, &b->counts, sizeof a->counts) == 0,
                  "%s, trial %" PRIu32 ": counts differ after %" PRIu32 " instructions", row->name,
                  trial, cut);
}

START_TEST(each_group_is_its_instructions)
{
    struct tg_machine *const machines[2] = {make("reference"), make("fast")};
    const struct row *row = &rows[_i];

    for (uint32_t trial = 0; trial < TRIALS; trial++) {
        struct random_source source = {NULL, 0, (uint64_t)_i * 1000 + trial + 1};
        uint32_t cut = 1 + trial % (row->length + 2);

        for (int k = 0; k < 2; k++) {
            struct tg_run_limits limits = {.until = {TG_NO_LIMIT, TG_NO_LIMIT}};
            struct tg_stop stop;

            prepare(machines[k], source, row);
            limits.until.insns = tg_machine_position(machines[k]).insns + cut;
            tg_machine_run(machines[k], &limits, &stop);
        }
        compare(machines, row, trial, cut);
    }
    tg_machine_destroy(machines[0]);
    tg_machine_destroy(machines[1]);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("engine-groups");
    TCase *tcase = tcase_create("groups");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, each_group_is_its_instructions, 0, (int)ROW_COUNT);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
