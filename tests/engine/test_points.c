/*
 * Breaks, watches and the observers of a debugger, each case by hand: aliases of a page, walks,
 * frames, interrupts that become double faults, devices. Runs with random ones are in
 * tests/core/test_points.c. Manual: emu/tollgate.h.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "bus/bus.h"
#include "bus/ports.h"
#include "lab.h"

#define ADDI(d, a, i) tg_word_i(TG_INSN_ADDI, d, a, i)
#define SW(s, a, i)   tg_word_i(TG_INSN_SW, s, a, i)
#define LW(d, a, i)   tg_word_i(TG_INSN_LW, d, a, i)
#define NOP           ADDI(0, 0, 0)

/* What was reported, a line each. */
struct reports {
    char text[4096];
    bool stops;
};

static void __attribute__((format(printf, 2, 3)))
add_line(struct reports *r, const char *format, ...)
{
    size_t used = strlen(r->text);
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(r->text + used, sizeof r->text - used, format, arguments);
    va_end(arguments);
    used = strlen(r->text);
    snprintf(r->text + used, sizeof r->text - used, "\n");
}

static void check_reports(const struct lab *lab, struct reports *r, const char *want)
{
    ck_assert_msg(strcmp(r->text, want) == 0, "%s\n--- got\n%s--- not\n%s", lab->engine, r->text,
                  want);
    r->text[0] = 0;
}

static bool on_break(void *context, uint32_t cpu, uint32_t pc)
{
    struct reports *r = context;

    add_line(r, "break %u %x", (unsigned)cpu, (unsigned)pc);
    return r->stops;
}

static bool on_access(void *context, const struct tg_watch_event *e)
{
    struct reports *r = context;

    add_line(r, "%s%s%s%u pc %x v %x p %x %u: %x > %x", e->is_frame ? "frame " : "",
             e->is_walk ? "walk " : "", e->is_device ? "device " : "", (unsigned)e->access,
             (unsigned)e->pc, (unsigned)e->vaddr, (unsigned)e->paddr, (unsigned)e->bytes,
             (unsigned)e->old_value, (unsigned)e->value);
    return r->stops;
}

static void set_breaks(struct lab *lab, struct reports *r, const uint32_t *breaks, size_t count)
{
    struct tg_points points = {
        .context = r, .breaks = breaks, .break_count = count, .reached = on_break};

    ck_assert_int_eq(tg_machine_set_points(lab->machine, &points), TG_OK);
}

static void set_watch(struct lab *lab, struct reports *r, struct tg_watch watch)
{
    struct tg_points points = {
        .context = r, .watches = &watch, .watch_count = 1, .accessed = on_access};

    ck_assert_int_eq(tg_machine_set_points(lab->machine, &points), TG_OK);
}

static struct tg_watch physical(uint32_t first, uint32_t bytes)
{
    return (struct tg_watch){first, first + bytes - 1, true, true, true};
}

static struct tg_watch virtual(uint32_t first, uint32_t bytes)
{
    return (struct tg_watch){first, first + bytes - 1, false, true, true};
}

/* --- Breaks ------------------------------------------------------------------------------------
 */

/* The same page at two virtual addresses, which it is executed at by turns. */
START_TEST(a_break_is_at_a_virtual_address)
{
    enum { ALIAS = 0x30000 };
    static const uint32_t at_home = LAB_CODE + 4, away = ALIAS + 4;
    struct reports r = {.stops = false};
    struct lab lab;

    lab_open(&lab, _i);
    lab_paging(&lab);
    lab_map(&lab, ALIAS, LAB_CODE | LAB_PTE_ALL);
    lab.cpu->s.x[A1] = LAB_CODE;
    lab.cpu->s.x[A2] = ALIAS;
    /* 20 words on, so that each round is in one of the two */
    LAB_PROGRAM(&lab, LAB_CODE, ADDI(A0, A0, 1), ADDI(A0, A0, 1), ADDI(A0, A0, 1),
                tg_word_r(TG_INSN_XOR, A1, A1, A2), tg_word_r(TG_INSN_XOR, A2, A1, A2),
                tg_word_r(TG_INSN_XOR, A1, A1, A2), tg_word_i(TG_INSN_JALR, 0, A1, 0));
    lab_ready(&lab);
    set_breaks(&lab, &r, &at_home, 1);
    lab_run(&lab, 28);
    check_reports(&lab, &r, "break 0 2004\nbreak 0 2004\n");
    set_breaks(&lab, &r, &away, 1);
    lab_run(&lab, 28);
    check_reports(&lab, &r, "break 0 30004\nbreak 0 30004\n");
    set_breaks(&lab, &r, (const uint32_t[]){away, at_home}, 2);
    lab_run(&lab, 28);
    check_reports(&lab, &r, "break 0 2004\nbreak 0 30004\nbreak 0 2004\nbreak 0 30004\n");
    lab_close(&lab);
}
END_TEST

/* Nothing of the instruction has happened, not even that it cannot be fetched. */
START_TEST(a_break_comes_before_its_fetch)
{
    static const uint32_t nowhere = 0x34000;
    struct reports r = {.stops = true};
    struct lab lab;

    lab_open(&lab, _i);
    lab.checks_caches = true;
    lab_paging(&lab);
    lab_map(&lab, nowhere, 0);
    lab.cpu->s.pc = nowhere;
    lab_ready(&lab);
    set_breaks(&lab, &r, &nowhere, 1);
    lab_run(&lab, 1);
    ck_assert_int_eq(lab.stop.reason, TG_STOP_POINT);
    lab_check(&lab, "at the break");
    tg_machine_pass_break(lab.machine);
    lab_run(&lab, 1);
    ck_assert_int_eq(lab.stop.reason, TG_STOP_LIMIT);
    ck_assert_uint_eq(lab.cpu->s.pc, lab_handler(TG_CAUSE_PAGE));
    check_reports(&lab, &r, "break 0 34000\n");
    lab_close(&lab);
}
END_TEST

/* --- Watches -----------------------------------------------------------------------------------
 */

START_TEST(any_watched_byte_counts)
{
    struct reports r = {.stops = false};
    struct lab lab;

    lab_open(&lab, _i);
    lab_put(&lab, LAB_DATA, 0x44332211);
    lab.cpu->s.x[A1] = LAB_DATA;
    lab.cpu->s.x[A2] = 0xaabbccdd;
    LAB_PROGRAM(&lab, LAB_CODE, tg_word_i(TG_INSN_SB, A2, A1, 2), tg_word_i(TG_INSN_SB, A2, A1, 1),
                tg_word_i(TG_INSN_LH, A0, A1, 2), tg_word_i(TG_INSN_LHU, A0, A1, 0), SW(A2, A1, 0),
                SW(A2, A1, 4), LW(A0, A1, 0));
    lab_ready(&lab);
    set_watch(&lab, &r, virtual(LAB_DATA + 1, 1));
    lab_run(&lab, 7);
    check_reports(&lab, &r,
                  "2 pc 2004 v 3001 p 3001 1: 22 > dd\n"
                  "1 pc 200c v 3000 p 3000 2: dd11 > dd11\n"
                  "2 pc 2010 v 3000 p 3000 4: 44dddd11 > aabbccdd\n"
                  "1 pc 2018 v 3000 p 3000 4: aabbccdd > aabbccdd\n");
    lab_close(&lab);
}
END_TEST

START_TEST(loads_and_stores_can_be_told_apart)
{
    struct reports r = {.stops = false};
    struct tg_watch watch = virtual(LAB_DATA, 4);
    struct lab lab;

    for (int i = 0; i < 2; i++) {
        lab_open(&lab, _i);
        lab.cpu->s.x[A1] = LAB_DATA;
        lab.cpu->s.x[A2] = 5;
        LAB_PROGRAM(&lab, LAB_CODE, tg_word_r(TG_INSN_LR_W, A0, A1, 0),
                    tg_word_r(TG_INSN_SC_W, A0, A1, A2), tg_word_r(TG_INSN_SC_W, A0, A1, A2),
                    tg_word_r(TG_INSN_AMOADD_W, A0, A1, A2), LW(A0, A1, 0), SW(0, A1, 0));
        lab_ready(&lab);
        watch.on_load = i == 0;
        watch.on_store = i == 1;
        set_watch(&lab, &r, watch);
        lab_run(&lab, 6);
        check_reports(&lab, &r,
                      i == 0 ? "1 pc 2000 v 3000 p 3000 4: 0 > 0\n"
                               "3 pc 200c v 3000 p 3000 4: 5 > a\n"
                               "1 pc 2010 v 3000 p 3000 4: a > a\n"
                             : "2 pc 2004 v 3000 p 3000 4: 0 > 5\n"
                               "3 pc 200c v 3000 p 3000 4: 5 > a\n"
                               "2 pc 2014 v 3000 p 3000 4: a > 0\n");
        lab_close(&lab);
    }
}
END_TEST

START_TEST(a_physical_watch_sees_all_addresses_of_its_page_and_a_virtual_one_its_own)
{
    struct reports r = {.stops = false};
    struct lab lab;

    lab_open(&lab, _i);
    lab_paging(&lab);
    lab_map(&lab, 0x14000, LAB_DATA | LAB_PTE_ALL);
    lab.cpu->s.x[A1] = 0x14000;
    lab.cpu->s.x[A2] = LAB_DATA;
    LAB_PROGRAM(&lab, LAB_CODE, SW(A1, A1, 0), SW(A1, A2, 0), NOP, SW(0, A1, 0), SW(0, A2, 0));
    lab_ready(&lab);
    set_watch(&lab, &r, physical(LAB_DATA, 4));
    lab_run(&lab, 3);
    check_reports(&lab, &r,
                  "2 pc 2000 v 14000 p 3000 4: 0 > 14000\n"
                  "2 pc 2004 v 3000 p 3000 4: 14000 > 14000\n");
    set_watch(&lab, &r, virtual(0x14000, 4));
    lab_run(&lab, 2);
    check_reports(&lab, &r, "2 pc 200c v 14000 p 3000 4: 14000 > 0\n");
    lab_close(&lab);
}
END_TEST

START_TEST(memory_of_devices_can_be_watched)
{
    struct reports r = {.stops = false};
    struct lab lab;

    lab_open(&lab, _i);
    lab.cpu->s.x[A1] = (uint32_t)LAB_WINDOW;
    lab.cpu->s.x[A2] = 0x1741;
    LAB_PROGRAM(&lab, LAB_CODE, tg_word_i(TG_INSN_SH, A2, A1, 6), tg_word_i(TG_INSN_SH, A2, A1, 8),
                tg_word_i(TG_INSN_LBU, A0, A1, 7));
    lab_ready(&lab);
    set_watch(&lab, &r, physical((uint32_t)LAB_WINDOW + 6, 2));
    lab_run(&lab, 3);
    check_reports(&lab, &r,
                  "2 pc 2000 v f0000006 p f0000006 2: 720 > 1741\n"
                  "1 pc 2008 v f0000007 p f0000007 1: 17 > 17\n");
    lab_close(&lab);
}
END_TEST

START_TEST(frames_are_accesses)
{
    struct reports r = {.stops = false};
    struct lab lab;

    lab_open(&lab, _i);
    lab.cpu->s.status = lab_status(3, 0, 0);
    LAB_PROGRAM(&lab, LAB_CODE, tg_word_i(TG_INSN_TRAP, 0, 0, 90));
    lab_put(&lab, lab_handler(90), tg_word_i(TG_INSN_IRET, 0, 0, 0));
    lab_put(&lab, LAB_STACK_0 - 32 + TG_FRAME_PC, 0x1234);
    lab_ready(&lab);
    set_watch(&lab, &r, virtual(LAB_STACK_0 - 32 + TG_FRAME_ADDRESS, 8));
    lab_run(&lab, 2);
    check_reports(&lab, &r,
                  "frame 2 pc 2000 v 5fe8 p 5fe8 4: 0 > 0\n"
                  "frame 2 pc 2000 v 5fec p 5fec 4: 1234 > 2004\n"
                  "frame 1 pc 205a0 v 5fec p 5fec 4: 2004 > 2004\n");
    lab_close(&lab);
}
END_TEST

/* A walk for a fetch changes a watched table: the stop is behind the very instruction. */
START_TEST(a_walk_is_a_store_and_stops_behind_its_instruction)
{
    struct reports r = {.stops = true};
    struct lab lab;

    lab_open(&lab, _i);
    lab_paging(&lab);
    lab_map(&lab, LAB_CODE, (LAB_CODE | LAB_PTE_ALL) & ~(uint32_t)TG_PTE_ACCESSED);
    LAB_PROGRAM(&lab, LAB_CODE, ADDI(A0, 0, 1), ADDI(A0, A0, 1), ADDI(A0, A0, 1));
    lab_ready(&lab);
    set_watch(&lab, &r, physical(lab_entry_address(LAB_CODE), 4));
    lab_run(&lab, 3);
    ck_assert_int_eq(lab.stop.reason, TG_STOP_POINT);
    ck_assert_uint_eq(lab.cpu->s.pc, LAB_CODE + 4);
    ck_assert_uint_eq(lab.cpu->s.insns, 1);
    ck_assert_uint_eq(lab.cpu->s.x[A0], 1);
    ck_assert_msg(strncmp(r.text, "walk 2 pc 2000 v 0 p ", 21) == 0, "%s", r.text);
    lab_run(&lab, 2);
    ck_assert_int_eq(lab.stop.reason, TG_STOP_LIMIT);
    lab_close(&lab);
}
END_TEST

START_TEST(direct_memory_access_is_reported_by_words)
{
    static const uint8_t bytes[] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
    uint8_t back[9];
    struct reports r = {.stops = false};
    struct lab lab;

    lab_open(&lab, _i);
    lab_ready(&lab);
    set_watch(&lab, &r, physical(LAB_DATA + 5, 4));
    ck_assert(tg_bus_dma_write(lab.machine, TG_DEVICE_DISK, LAB_DATA + 2, bytes, sizeof bytes));
    check_reports(&lab, &r,
                  "device 2 pc 0 v 0 p 3004 4: 0 > 6050403\n"
                  "device 2 pc 0 v 0 p 3008 3: 0 > 90807\n");
    ck_assert(tg_bus_dma_read(lab.machine, TG_DEVICE_DISK, LAB_DATA + 2, back, sizeof back));
    ck_assert_mem_eq(back, bytes, sizeof bytes);
    check_reports(&lab, &r,
                  "device 1 pc 0 v 0 p 3004 4: 6050403 > 6050403\n"
                  "device 1 pc 0 v 0 p 3008 3: 90807 > 90807\n");
    lab_close(&lab);
}
END_TEST

/* --- Interrupts --------------------------------------------------------------------------------
 */

static void run_to_interrupt(struct lab *lab)
{
    struct tg_run_limits limits = {.until = {lab->cpu->s.insns + 10, TG_NO_LIMIT},
                                   .stop_on_interrupt = true};

    tg_machine_run(lab->machine, &limits, &lab->stop);
}

START_TEST(a_run_stops_after_each_of_nested_interrupts)
{
    struct lab lab;

    lab_open(&lab, _i);
    lab.cpu->s.status = lab_status(0, 0, 1);
    LAB_PROGRAM(&lab, LAB_CODE, NOP, NOP, NOP, NOP);
    lab_assert_line(&lab, 7);
    lab_ready(&lab);
    run_to_interrupt(&lab);
    ck_assert_int_eq(lab.stop.reason, TG_STOP_INTERRUPT);
    ck_assert_uint_eq(lab.cpu->s.pc, lab_handler(TG_VECTOR_INTERRUPT + 7));
    ck_assert_uint_eq(tg_machine_position(lab.machine).interrupts, 1);
    ck_assert_uint_eq(tg_machine_position(lab.machine).insns, 0);
    /* A more urgent one before the handler's first instruction; its gate does not clear IE. */
    ck_assert(tg_bus_port_write(lab.cpu, TG_PORT_INTERRUPTS_SOURCE + 4 * 9, 4, 6));
    lab_assert_line(&lab, 9);
    run_to_interrupt(&lab);
    ck_assert_int_eq(lab.stop.reason, TG_STOP_INTERRUPT);
    ck_assert_uint_eq(lab.cpu->s.pc, lab_handler(TG_VECTOR_INTERRUPT + 9));
    ck_assert_uint_eq(tg_position_steps(tg_machine_position(lab.machine)), 2);
    lab_close(&lab);
}
END_TEST

START_TEST(an_interrupt_that_becomes_a_double_fault_is_a_step)
{
    struct tg_counts counts;
    struct lab lab;

    lab_open(&lab, _i);
    lab.cpu->s.status = lab_status(0, 0, 1);
    LAB_PROGRAM(&lab, LAB_CODE, NOP, NOP);
    lab_gate(&lab, TG_VECTOR_INTERRUPT + 7, 0, 0);
    lab_assert_line(&lab, 7);
    lab_ready(&lab);
    run_to_interrupt(&lab);
    ck_assert_int_eq(lab.stop.reason, TG_STOP_INTERRUPT);
    ck_assert_uint_eq(lab.cpu->s.pc, lab_handler(TG_CAUSE_DOUBLE));
    ck_assert_uint_eq(tg_machine_position(lab.machine).interrupts, 1);
    tg_machine_counts(lab.machine, 0, &counts);
    ck_assert_uint_eq(counts.entries_by_kind[TG_ENTRY_INTERRUPT], 0);
    lab_close(&lab);
}
END_TEST

START_TEST(an_interrupt_that_ends_the_machine_says_so)
{
    struct lab lab;

    lab_open(&lab, _i);
    lab.wants_end = true;
    lab.cpu->s.status = lab_status(0, 0, 1);
    lab_gate(&lab, TG_VECTOR_INTERRUPT + 7, 0, 0);
    lab_gate(&lab, TG_CAUSE_DOUBLE, 0, 0);
    lab_assert_line(&lab, 7);
    lab_ready(&lab);
    run_to_interrupt(&lab);
    ck_assert_int_eq(lab.stop.reason, TG_STOP_FATAL);
    lab_close(&lab);
}
END_TEST

/* --- Observers ---------------------------------------------------------------------------------
 */

static void see_creg(void *context, const struct tg_creg_event *e)
{
    add_line(context, "creg %u pc %x %x: %x > %x", (unsigned)e->access, (unsigned)e->pc,
             (unsigned)e->number, (unsigned)e->old_value, (unsigned)e->value);
}

static void see_tlb(void *context, const struct tg_tlb_event *e)
{
    add_line(context, "%s %s %u: v %x space %u entry %x, was v %x space %u entry %x",
             e->is_instruction ? "fetch" : "data", e->is_fill ? "fill" : "empty",
             (unsigned)e->index, (unsigned)e->vaddr, (unsigned)e->space, (unsigned)e->entry,
             (unsigned)e->old_vaddr, (unsigned)e->old_space, (unsigned)e->old_entry);
}

static void see_line(void *context, const struct tg_line_event *e)
{
    add_line(context, "line %u cpu %u: %d", (unsigned)e->source, (unsigned)e->cpu, e->is_asserted);
}

static void see_dma(void *context, const struct tg_dma_event *e)
{
    add_line(context, "%s %u p %x %u", e->device, (unsigned)e->access, (unsigned)e->paddr,
             (unsigned)e->bytes);
}

START_TEST(control_registers_are_observed)
{
    struct reports r = {.stops = false};
    const struct tg_observer observer = {.context = &r, .creg = see_creg};
    struct lab lab;

    lab_open(&lab, _i);
    lab.cpu->s.x[A1] = 0x77;
    lab.cpu->s.scratch[1] = 0x11;
    LAB_PROGRAM(&lab, LAB_CODE, tg_word_i(TG_INSN_RDCR, A0, 0, TG_CR_SCRATCH1),
                tg_word_i(TG_INSN_WRCR, 0, A1, TG_CR_SCRATCH1),
                tg_word_i(TG_INSN_SWCR, A0, 0, TG_CR_SCRATCH1), tg_word_i(TG_INSN_STI, 0, 0, 0),
                tg_word_i(TG_INSN_CLI, A0, 0, 0), tg_word_i(TG_INSN_WRCR, 0, A1, TG_CR_CPU));
    ck_assert_int_eq(tg_machine_observe(lab.machine, &observer), TG_OK);
    lab_ready(&lab);
    lab_run(&lab, 6);
    char want[512];
    snprintf(want, sizeof want,
             "creg 1 pc 2000 %x: 11 > 11\ncreg 2 pc 2004 %x: 11 > 77\n"
             "creg 3 pc 2008 %x: 77 > 0\ncreg 2 pc 200c %x: %x > %x\ncreg 2 pc 2010 %x: %x > %x\n",
             TG_CR_SCRATCH1, TG_CR_SCRATCH1, TG_CR_SCRATCH1, TG_CR_STATUS,
             (unsigned)lab_status(0, 0, 0), (unsigned)lab_status(0, 0, 1), TG_CR_STATUS,
             (unsigned)lab_status(0, 0, 1), (unsigned)lab_status(0, 0, 0));
    check_reports(&lab, &r, want);
    lab_close(&lab);
}
END_TEST

START_TEST(translation_caches_are_observed_and_can_be_looked_at)
{
    struct reports r = {.stops = false};
    const struct tg_observer observer = {.context = &r, .tlb = see_tlb};
    struct tg_tlb_view view;
    struct lab lab;

    lab_open(&lab, _i);
    lab_paging(&lab);
    lab.cpu->s.x[A1] = LAB_DATA;
    LAB_PROGRAM(&lab, LAB_CODE, LW(A0, A1, 0), tg_word_r(TG_INSN_TLBINV, 0, A1, 0), NOP);
    ck_assert_int_eq(tg_machine_observe(lab.machine, &observer), TG_OK);
    lab_ready(&lab);
    lab_run(&lab, 1);
    uint32_t data_way = LAB_DATA / TG_PAGE_BYTES % TG_DTLB_SETS * TG_TLB_WAYS;
    uint32_t code_way = LAB_CODE / TG_PAGE_BYTES % TG_ITLB_SETS * TG_TLB_WAYS;
    char want[512];
    snprintf(want, sizeof want,
             "fetch fill %u: v 2000 space 0 entry %x, was v 0 space 0 entry 0\n"
             "data fill %u: v 3000 space 0 entry %x, was v 0 space 0 entry 0\n",
             (unsigned)code_way, (unsigned)(LAB_CODE | LAB_PTE_ALL), (unsigned)data_way,
             (unsigned)(LAB_DATA | LAB_PTE_ALL));
    check_reports(&lab, &r, want);
    ck_assert(tg_machine_tlb(lab.machine, 0, false, data_way, &view));
    ck_assert(view.is_filled && !view.is_next && view.vaddr == LAB_DATA && view.paddr == LAB_DATA);
    ck_assert_uint_eq(view.set, LAB_DATA / TG_PAGE_BYTES % TG_DTLB_SETS);
    ck_assert_uint_eq(view.entry, LAB_DATA | LAB_PTE_ALL);
    ck_assert(tg_machine_tlb(lab.machine, 0, false, data_way + 1, &view) && view.is_next);
    ck_assert(!tg_machine_tlb(lab.machine, 0, false, TG_DTLB_ENTRIES, &view));
    ck_assert(!tg_machine_tlb(lab.machine, 1, false, 0, &view));
    lab_run(&lab, 1);
    snprintf(want, sizeof want, "data empty %u: v 3000 space 0 entry %x, was v 0 space 0 entry 0\n",
             (unsigned)data_way, (unsigned)(LAB_DATA | LAB_PTE_ALL));
    check_reports(&lab, &r, want);
    lab_close(&lab);
}
END_TEST

START_TEST(lines_and_direct_memory_access_are_observed)
{
    struct reports r = {.stops = false};
    const struct tg_observer observer = {.context = &r, .line = see_line, .dma = see_dma};
    uint8_t bytes[8];
    struct lab lab;

    lab_open_cpus(&lab, _i, 2);
    ck_assert_int_eq(tg_machine_observe(lab.machine, &observer), TG_OK);
    tg_bus_set_line(lab.machine, 7, true);
    tg_bus_set_line(lab.machine, 7, true);
    tg_bus_set_line(lab.machine, 7, false);
    tg_bus_set_local_line(lab.machine, 1, TG_SOURCE_TIMER, true);
    ck_assert(tg_bus_port_write(lab.cpu, TG_PORT_INTERRUPTS_SEND, 4, 2));
    ck_assert(tg_bus_dma_read(lab.machine, TG_DEVICE_SOUND, LAB_DATA, bytes, 8));
    ck_assert(tg_bus_dma_write(lab.machine, TG_DEVICE_DISK, LAB_DATA, bytes, 8));
    check_reports(&lab, &r,
                  "line 7 cpu 0: 1\nline 7 cpu 0: 0\nline 0 cpu 1: 1\nline 1 cpu 1: 1\n"
                  "sound 1 p 3000 8\ndisk 2 p 3000 8\n");
    lab_close(&lab);
}
END_TEST

/* --- Looking and changing ----------------------------------------------------------------------
 */

START_TEST(sources_and_devices_can_be_looked_at)
{
    struct tg_source_view source;
    struct tg_device_view device;
    struct tg_register_view row;
    struct tg_bits_view bits;
    struct tg_state_view state;
    struct lab lab;

    lab_open(&lab, _i);
    ck_assert(tg_machine_source(lab.machine, 0, 2, &source));
    ck_assert_str_eq(source.device, "keyboard");
    ck_assert(!source.is_asserted && !source.is_enabled && !source.is_offered);
    lab_assert_line(&lab, 2);
    ck_assert(tg_machine_source(lab.machine, 0, 2, &source));
    ck_assert(source.is_asserted && source.is_enabled && source.is_offered && source.priority == 3);
    tg_bus_acknowledge(lab.cpu);
    ck_assert(tg_machine_source(lab.machine, 0, 2, &source));
    ck_assert(source.is_in_service && !source.is_offered);
    ck_assert(!tg_machine_source(lab.machine, 0, 32, &source));
    ck_assert(!tg_machine_source(lab.machine, 1, 0, &source));
    ck_assert_uint_eq(tg_machine_threshold(lab.machine, 0), 0);

    ck_assert(tg_device(TG_DEVICE_TEXT, &device));
    ck_assert_str_eq(device.name, "text");
    ck_assert(device.memory_base == 0xf0000000 && device.memory_bytes == 4000);
    ck_assert_uint_eq(device.source, TG_NO_SOURCE);
    ck_assert(!tg_device(TG_DEVICE_COUNT, &device));
    ck_assert(tg_device_register(TG_DEVICE_TEXT, 1, &row));
    ck_assert_str_eq(row.name, "STYLE");
    ck_assert(row.port == 0x3d4 && row.count == 1 && row.bytes == 4);
    ck_assert(!tg_device_register(TG_DEVICE_TEXT, 3, &row));
    ck_assert(tg_register_bits(row.port, 1, &bits) && bits.high == 4 && bits.low == 4);
    ck_assert_str_eq(bits.name, "BLINK");
    ck_assert(!tg_register_bits(row.port, 3, &bits));

    bool has_cursor = false;
    ck_assert(tg_bus_port_write(lab.cpu, TG_PORT_TEXT_CURSOR, 2, 81));
    for (uint32_t i = 0; tg_device_state(TG_DEVICE_TEXT, i, &state); i++) {
        if (strcmp(state.name, "cursor") != 0)
            continue;
        has_cursor = true;
        ck_assert(state.count == 1 && state.width == 2);
        ck_assert_uint_eq(tg_machine_device_value(lab.machine, TG_DEVICE_TEXT, i, 0), 81);
        ck_assert_uint_eq(tg_machine_device_value(lab.machine, TG_DEVICE_TEXT, i, 1), 0);
    }
    ck_assert(has_cursor);
    lab_close(&lab);
}
END_TEST

START_TEST(changes_from_outside_are_what_executes)
{
    struct lab lab;

    lab_open(&lab, _i);
    lab_paging(&lab);
    uint32_t ptroot = lab.cpu->s.ptroot;
    lab_put(&lab, LAB_OTHER_TABLE + 4 * (LAB_DATA >> 12), 0); /* nothing is mapped there */
    LAB_PROGRAM(&lab, LAB_CODE, LW(A0, A1, 0), LW(A0, A1, 0), LW(A0, A1, 0), LW(A0, A1, 0));
    lab_put(&lab, LAB_DATA + 8, 0xabc);
    lab.cpu->s.x[A1] = LAB_DATA;
    lab_ready(&lab);
    lab_run(&lab, 1);
    ck_assert_int_eq(tg_machine_set_register(lab.machine, 0, A1, LAB_DATA + 8), TG_OK);
    lab_run(&lab, 1);
    ck_assert_uint_eq(lab.cpu->s.x[A0], 0xabc);
    ck_assert_int_eq(tg_machine_set_pc(lab.machine, 0, LAB_CODE), TG_OK);
    lab_run(&lab, 1);
    ck_assert_uint_eq(lab.cpu->s.pc, LAB_CODE + 4);
    ck_assert_int_eq(tg_machine_set_creg(lab.machine, 0, TG_CR_PTROOT, LAB_OTHER_TABLE | 1), TG_OK);
    ck_assert_int_eq(tg_machine_set_creg(lab.machine, 0, TG_CR_PTROOT, ptroot), TG_OK);
    ck_assert_int_eq(tg_machine_set_creg(lab.machine, 0, TG_CR_STATUS, lab_status(3, 0, 1)), TG_OK);
    ck_assert_uint_eq(lab.cpu->s.status, lab_status(3, 0, 1));

    ck_assert_int_eq(tg_machine_set_register(lab.machine, 0, 0, 1), TG_E_ARGUMENT);
    ck_assert_int_eq(tg_machine_set_register(lab.machine, 0, 32, 1), TG_E_ARGUMENT);
    ck_assert_int_eq(tg_machine_set_register(lab.machine, 1, 1, 1), TG_E_ARGUMENT);
    ck_assert_int_eq(tg_machine_set_pc(lab.machine, 0, 2), TG_E_ARGUMENT);
    ck_assert_int_eq(tg_machine_set_creg(lab.machine, 0, TG_CR_CPU, 0), TG_E_ARGUMENT);
    ck_assert_int_eq(tg_machine_set_creg(lab.machine, 0, 255, 0), TG_E_ARGUMENT);
    ck_assert_int_eq(tg_machine_set_creg(lab.machine, 0, TG_CR_STATUS, UINT32_MAX), TG_E_ARGUMENT);
    lab_close(&lab);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("points");
    TCase *points = tcase_create("points");
    const TTest *const tests[] = {
        a_break_is_at_a_virtual_address,
        a_break_comes_before_its_fetch,
        any_watched_byte_counts,
        loads_and_stores_can_be_told_apart,
        a_physical_watch_sees_all_addresses_of_its_page_and_a_virtual_one_its_own,
        memory_of_devices_can_be_watched,
        frames_are_accesses,
        a_walk_is_a_store_and_stops_behind_its_instruction,
        direct_memory_access_is_reported_by_words,
        a_run_stops_after_each_of_nested_interrupts,
        an_interrupt_that_becomes_a_double_fault_is_a_step,
        an_interrupt_that_ends_the_machine_says_so,
        control_registers_are_observed,
        translation_caches_are_observed_and_can_be_looked_at,
        lines_and_direct_memory_access_are_observed,
        sources_and_devices_can_be_looked_at,
        changes_from_outside_are_what_executes,
    };

    for (size_t i = 0; i < COUNT(tests); i++)
        lab_add_test(points, tests[i]);
    suite_add_tcase(suite, points);
    return lab_main(suite);
}
