/*
 * What an engine tells observers and counts: each event with all its members, in order, for
 * completed acts only; and the counts that engines keep themselves. Translation's counts are in
 * test_paging.c and test_caches.c. Manual: emu/tollgate.h, emu/core/note.h.
 *
 * rules: GEN-1 TLB-8 TIM-1
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "bus/bus.h"
#include "bus/ports.h"
#include "lab.h"

/* All events as text, a line each; insns: of the CPU at the time. */
struct journal {
    const struct lab *lab;
    char text[4096];
};

static void __attribute__((format(printf, 2, 3)))
add_line(struct journal *journal, const char *format, ...)
{
    size_t used = strlen(journal->text);
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(journal->text + used, sizeof journal->text - used, format, arguments);
    va_end(arguments);
    used = strlen(journal->text);
    snprintf(journal->text + used, sizeof journal->text - used, " @%" PRIu64 "\n",
             journal->lab->cpu->s.insns);
}

static void see_retire(void *context, uint32_t cpu, uint32_t pc, uint32_t word)
{
    add_line(context, "retire %u %x %x", (unsigned)cpu, (unsigned)pc, (unsigned)word);
}

static void see_memory(void *context, const struct tg_memory_event *e)
{
    add_line(context, "memory %u access %u pc %x v %x p %x bytes %u value %x", (unsigned)e->cpu,
             (unsigned)e->access, (unsigned)e->pc, (unsigned)e->vaddr, (unsigned)e->paddr,
             (unsigned)e->bytes, (unsigned)e->value);
}

static void see_entry(void *context, const struct tg_entry_event *e)
{
    add_line(context,
             "entry %u kind %u vector %u error %x address %x rings %u>%u pc %x handler %x frame %x",
             (unsigned)e->cpu, (unsigned)e->kind, (unsigned)e->vector, (unsigned)e->error,
             (unsigned)e->address, (unsigned)e->from_ring, (unsigned)e->to_ring,
             (unsigned)e->saved_pc, (unsigned)e->handler, (unsigned)e->frame);
}

static void see_leave(void *context, const struct tg_return_event *e)
{
    add_line(context, "leave %u rings %u>%u pc %x to %x", (unsigned)e->cpu, (unsigned)e->from_ring,
             (unsigned)e->to_ring, (unsigned)e->pc, (unsigned)e->new_pc);
}

static void see_port(void *context, const struct tg_port_event *e)
{
    add_line(context, "port %u access %u pc %x port %x bytes %u value %x", (unsigned)e->cpu,
             (unsigned)e->access, (unsigned)e->pc, (unsigned)e->port, (unsigned)e->bytes,
             (unsigned)e->value);
}

/* Runs insns instructions under an observer of everything and compares what it saw. */
static void check_journal(struct lab *lab, uint32_t insns, const char *want)
{
    struct journal journal = {.lab = lab};
    const struct tg_observer observer = {.context = &journal,
                                         .retire = see_retire,
                                         .memory = see_memory,
                                         .entry = see_entry,
                                         .leave = see_leave,
                                         .port = see_port};

    ck_assert_int_eq(tg_machine_observe(lab->machine, &observer), TG_OK);
    lab_ready(lab);
    lab_run(lab, insns);
    tg_machine_unobserve(lab->machine, &observer);
    ck_assert_msg(strcmp(journal.text, want) == 0, "%s\n--- got\n%s--- not\n%s", lab->engine,
                  journal.text, want);
}

START_TEST(loads_and_stores)
{
    struct lab lab;

    lab_open(&lab, _i);
    lab_paging(&lab);
    lab_map(&lab, 0x14000, LAB_DATA | LAB_PTE_ALL);
    lab.cpu->s.x[A1] = 0x14000;
    lab.cpu->s.x[A2] = 0x123456f8;
    lab.cpu->s.x[A3] = 0x800000;
    LAB_PROGRAM(&lab, LAB_CODE, tg_word_i(TG_INSN_SW, A2, A1, 4), tg_word_i(TG_INSN_SB, A2, A1, 8),
                tg_word_i(TG_INSN_LB, A0, A1, 8), tg_word_i(TG_INSN_LHU, A0, A1, 6),
                tg_word_i(TG_INSN_SH, A2, A3, 2), tg_word_i(TG_INSN_LH, A0, A3, 2));
    check_journal(&lab, 6,
                  "memory 0 access 2 pc 2000 v 14004 p 3004 bytes 4 value 123456f8 @0\n"
                  "retire 0 2000 84c58004 @0\n"
                  "memory 0 access 2 pc 2004 v 14008 p 3008 bytes 1 value f8 @1\n"
                  "retire 0 2004 80c58008 @1\n"
                  "memory 0 access 1 pc 2008 v 14008 p 3008 bytes 1 value f8 @2\n"
                  "retire 0 2008 60a58008 @2\n"
                  "memory 0 access 1 pc 200c v 14006 p 3006 bytes 2 value 1234 @3\n"
                  "retire 0 200c 6aa58006 @3\n"
                  "memory 0 access 2 pc 2010 v 800002 p f0000002 bytes 2 value 56f8 @4\n"
                  "retire 0 2010 82c68002 @4\n"
                  "memory 0 access 1 pc 2014 v 800002 p f0000002 bytes 2 value 56f8 @5\n"
                  "retire 0 2014 62a68002 @5\n");
    lab_close(&lab);
}
END_TEST

/* lr.w loads, a successful sc.w stores, a failing one does nothing; the others are atomic, with the
 * value stored. */
START_TEST(atomic_operations)
{
    struct lab lab;

    lab_open(&lab, _i);
    lab.cpu->s.x[A1] = LAB_DATA;
    lab.cpu->s.x[A2] = 5;
    LAB_PROGRAM(&lab, LAB_CODE, tg_word_r(TG_INSN_LR_W, A0, A1, 0),
                tg_word_r(TG_INSN_SC_W, A0, A1, A2), tg_word_r(TG_INSN_SC_W, A0, A1, A2),
                tg_word_r(TG_INSN_AMOADD_W, A0, A1, A2));
    check_journal(&lab, 4,
                  "memory 0 access 1 pc 2000 v 3000 p 3000 bytes 4 value 0 @0\n"
                  "retire 0 2000 24a58000 @0\n"
                  "memory 0 access 2 pc 2004 v 3000 p 3000 bytes 4 value 5 @1\n"
                  "retire 0 2004 24a5b001 @1\n"
                  "retire 0 2008 24a5b001 @2\n"
                  "memory 0 access 3 pc 200c v 3000 p 3000 bytes 4 value a @3\n"
                  "retire 0 200c 24a5b003 @3\n");
    lab_close(&lab);
}
END_TEST

/* A trap completes; an exception does not; iret does. Frames, gates and walks are no memory events.
 */
START_TEST(entries_and_returns)
{
    struct lab lab;

    lab_open(&lab, _i);
    lab_paging(&lab);
    lab.cpu->s.status = 3;
    LAB_PROGRAM(&lab, LAB_CODE, tg_word_i(TG_INSN_TRAP, 0, 0, 50),
                tg_word_i(TG_INSN_LW, A0, A1, 0));
    lab.cpu->s.x[A1] = 0x3001;
    lab_put(&lab, lab_handler(50), tg_word_i(TG_INSN_IRET, 0, 0, 0));
    check_journal(
        &lab, 3,
        "entry 0 kind 2 vector 50 error 0 address 0 rings 3>0 pc 2004 handler 20320 frame 5fe0 @0\n"
        "retire 0 2000 2000032 @0\n"
        "leave 0 rings 0>3 pc 20320 to 2004 @1\n"
        "retire 0 20320 4000000 @1\n"
        "entry 0 kind 0 vector 4 error 41 address 3001 rings 3>0 pc 2004 handler 20040 frame 5fe0 "
        "@2\n");
    ck_assert_uint_eq(lab.cpu->counts.entries[50], 1);
    ck_assert_uint_eq(lab.cpu->counts.entries[4], 1);
    ck_assert_uint_eq(lab.cpu->counts.entries_by_kind[TG_ENTRY_TRAP], 1);
    ck_assert_uint_eq(lab.cpu->counts.entries_by_kind[TG_ENTRY_EXCEPTION], 1);
    ck_assert_uint_eq(lab.cpu->counts.crossings[4 * 3 + 0], 2);
    ck_assert_uint_eq(lab.cpu->counts.crossings[4 * 0 + 3], 1);
    lab_close(&lab);
}
END_TEST

/* A trap through a bad gate, and one whose entry becomes a double fault, have not completed: only
 * what was entered is told. */
START_TEST(entries_that_fail)
{
    struct lab lab;

    lab_open(&lab, _i);
    lab.cpu->s.status = 2;
    lab_gate(&lab, 50, 0x2000, 0);
    lab_put(&lab, LAB_CODE, tg_word_i(TG_INSN_TRAP, 0, 0, 50));
    lab_put(&lab, lab_handler(7), tg_word_i(TG_INSN_TRAP, 0, 0, 51));
    lab_gate(&lab, 51, 0x2000, lab_gate_bits(0, 0));
    check_journal(&lab, 1,
                  "entry 0 kind 0 vector 7 error 232 address a190 rings 2>0 pc 2000 handler 20070 "
                  "frame 5fe0 @0\n");
    lab.cpu->s.x[SP] = 0;
    check_journal(&lab, 1,
                  "entry 0 kind 0 vector 8 error 733 address ffffffe0 rings 0>0 pc 20070 handler "
                  "20080 frame 8fe0 @1\n");
    ck_assert_uint_eq(lab.cpu->counts.entries[50], 0);
    ck_assert_uint_eq(lab.cpu->counts.entries[51], 0);
    lab_close(&lab);
}
END_TEST

START_TEST(interrupts)
{
    struct lab lab;

    lab_open(&lab, _i);
    lab.cpu->s.status = lab_status(1, 0, 1);
    lab_put(&lab, LAB_CODE, tg_word_i(TG_INSN_FENCE, 0, 0, 0));
    lab_put(&lab, lab_handler(41), tg_word_i(TG_INSN_FENCE, 0, 0, 0));
    lab_assert_line(&lab, 9);
    check_journal(
        &lab, 1,
        "entry 0 kind 1 vector 41 error 0 address 0 rings 1>0 pc 2000 handler 20290 frame 5fe0 @0\n"
        "retire 0 20290 10000000 @0\n");
    lab_close(&lab);
}
END_TEST

START_TEST(ports)
{
    struct lab lab;

    lab_open(&lab, _i);
    lab.cpu->s.x[A1] = 0xfffffc00;
    lab.cpu->s.x[A2] = 0xabcd1234;
    LAB_PROGRAM(&lab, LAB_CODE, tg_word_i(TG_INSN_OUTH, A2, A1, 0x400 + TG_PORT_TEXT_CURSOR),
                tg_word_i(TG_INSN_INH, A0, 0, TG_PORT_TEXT_CURSOR),
                tg_word_i(TG_INSN_INB, A0, 0, 0x3fff));
    check_journal(&lab, 3,
                  "port 0 access 5 pc 2000 port 3d0 bytes 2 value 1234 @0\n"
                  "retire 0 2000 cac587d0 @0\n"
                  "port 0 access 4 pc 2004 port 3d0 bytes 2 value 1234 @1\n"
                  "retire 0 2004 c2a003d0 @1\n"
                  "entry 0 kind 0 vector 6 error 14 address 3fff rings 0>0 pc 2008 handler 20060 "
                  "frame 4fe0 @2\n");
    ck_assert_uint_eq(lab.cpu->counts.port_reads, 1);
    ck_assert_uint_eq(lab.cpu->counts.port_writes, 1);
    lab_close(&lab);
}
END_TEST

/* What fails is no event but its entry. */
START_TEST(failing_accesses_are_no_events)
{
    struct lab lab;

    lab_open(&lab, _i);
    lab.cpu->s.x[A1] = 0x80000000;
    lab_put(&lab, LAB_CODE, tg_word_i(TG_INSN_SW, A0, A1, 0));
    lab_put(&lab, lab_handler(6), 0xffffffff);
    lab_put(&lab, lab_handler(0), tg_word_i(TG_INSN_BRK, 0, 0, 0));
    check_journal(&lab, 3,
                  "entry 0 kind 0 vector 6 error 42 address 80000000 rings 0>0 pc 2000 handler "
                  "20060 frame 4fe0 @0\n"
                  "entry 0 kind 0 vector 0 error ffffffff address 0 rings 0>0 pc 20060 handler "
                  "20000 frame 4fc0 @1\n"
                  "entry 0 kind 0 vector 1 error 0 address 0 rings 0>0 pc 20000 handler 20010 "
                  "frame 4fa0 @2\n");
    lab_close(&lab);
}
END_TEST

/* Writes of ptroot that change the directory or the space; switching paging is none, nor is a write
 * of the same value. */
START_TEST(switches_of_address_space)
{
    const struct {
        uint32_t before, after, switches;
        enum tg_insn_id id;
    } cases[] = {
        {0, 0, 0, TG_INSN_WRCR},           {0, 1, 1, TG_INSN_WRCR},
        {0, 0x1000, 1, TG_INSN_WRCR},      {0x2003, 0x5004, 1, TG_INSN_SWCR},
        {0x2003, 0x2803, 0, TG_INSN_WRCR}, {0x2003, 0x2003, 0, TG_INSN_SWCR},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct lab lab;

        lab_open(&lab, _i);
        lab.cpu->s.ptroot = cases[i].before;
        lab.cpu->s.x[A1] = cases[i].after;
        lab_put(&lab, LAB_CODE, tg_word_i(cases[i].id, 0, A1, TG_CR_PTROOT));
        lab_ready(&lab);
        lab_run(&lab, 1);
        ck_assert_uint_eq(lab.cpu->counts.space_switches, cases[i].switches);
        lab_close(&lab);
    }
}
END_TEST

/* Instructions by the ring and the space in which they begin; the handler's by the kernel's ring.
 */
START_TEST(instructions_by_ring_and_space)
{
    struct tg_counts counts;
    struct lab lab;

    lab_open(&lab, _i);
    lab.cpu->s.status = 3;
    lab.cpu->s.ptroot = 7; /* paging off, but a space it is */
    LAB_PROGRAM(&lab, LAB_CODE, tg_word_i(TG_INSN_FENCE, 0, 0, 0),
                tg_word_i(TG_INSN_TRAP, 0, 0, 50), tg_word_i(TG_INSN_FENCE, 0, 0, 0));
    lab.cpu->s.x[A1] = 9;
    LAB_PROGRAM(&lab, lab_handler(50), tg_word_i(TG_INSN_WRCR, 0, A1, TG_CR_PTROOT),
                tg_word_i(TG_INSN_FENCE, 0, 0, 0), tg_word_i(TG_INSN_IRET, 0, 0, 0));
    lab_ready(&lab);
    lab_run(&lab, 6);
    tg_machine_counts(lab.machine, 0, &counts);
    ck_assert_uint_eq(counts.insns_by_ring[3], 3); /* fence, trap, fence */
    ck_assert_uint_eq(counts.insns_by_ring[0], 3); /* wrcr, fence, iret */
    ck_assert_uint_eq(counts.insns_by_space[7] + counts.insns_by_space[9], 6);
    ck_assert_uint_ge(counts.insns_by_space[9], 3);
    ck_assert_uint_eq(counts.crossings[3][0], 1);
    ck_assert_uint_eq(counts.crossings[0][3], 1);
    lab_close(&lab);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("events");
    TCase *tcase = tcase_create("events");

    lab_add_test(tcase, loads_and_stores);
    lab_add_test(tcase, atomic_operations);
    lab_add_test(tcase, entries_and_returns);
    lab_add_test(tcase, entries_that_fail);
    lab_add_test(tcase, interrupts);
    lab_add_test(tcase, ports);
    lab_add_test(tcase, failing_accesses_are_no_events);
    lab_add_test(tcase, switches_of_address_space);
    lab_add_test(tcase, instructions_by_ring_and_space);
    suite_add_tcase(suite, tcase);
    return lab_main(suite);
}
