/*
 * Port instructions: who may use a port, by IOPL and by bitmap, and the order of the checks. What a
 * permitted access does is among the cases of insns_system.c.
 *
 * rules: PIO-1 PIO-2 PIO-3 PIO-4 GEN-1
 */
#include "bus/bus.h"
#include "bus/ports.h"
#include "lab.h"

#define BYTE_PORT TG_PORT_SERIAL_CONTROL /* 0x3f9 */
#define HALF_PORT TG_PORT_TEXT_CURSOR    /* 0x3d0 */
#define WORD_PORT TG_PORT_INTERRUPTS_START_PC

struct port_insn {
    enum tg_insn_id id;
    bool is_write;
    uint32_t bytes, port; /* a port where it works */
};

static const struct port_insn insns[] = {
    {TG_INSN_INB, false, 1, BYTE_PORT}, {TG_INSN_INH, false, 2, HALF_PORT},
    {TG_INSN_INW, false, 4, WORD_PORT}, {TG_INSN_OUTB, true, 1, BYTE_PORT},
    {TG_INSN_OUTH, true, 2, HALF_PORT}, {TG_INSN_OUTW, true, 4, WORD_PORT},
};

#define HELD 2 /* what the registers hold before, and */
#define SENT 1 /* what is written to them */

static void allow(struct lab *lab, uint32_t port)
{
    uint32_t word = LAB_IOMAP + port / 32 * 4;

    lab_put(lab, word, lab_get(lab, word) | UINT32_C(1) << port % 32);
}

static void open_port(struct lab *lab, int engine, const struct port_insn *insn, uint32_t port,
                      uint32_t status)
{
    lab_open(lab, engine);
    ck_assert(tg_bus_port_write(lab->cpu, insn->port, insn->bytes, HELD));
    lab->cpu->s.status = status;
    lab->cpu->s.x[A0] = SENT;
    lab->cpu->s.x[A1] = port;
    lab_put(lab, LAB_CODE, tg_word_i(insn->id, A0, A1, 0));
}

static uint32_t access_of(const struct port_insn *insn)
{
    return insn->is_write ? TG_ACCESS_OUT : TG_ACCESS_IN;
}

static void want_port_exception(struct lab *lab, const struct port_insn *insn, uint32_t port)
{
    uint32_t ring = lab->want.status & 3;

    lab_want_exception(lab, TG_CAUSE_PORT, access_of(insn) | insn->bytes << 4 | ring << 8, port);
}

static void check_register(struct lab *lab, const struct port_insn *insn, bool was_written)
{
    uint32_t value;

    ck_assert(tg_bus_port_read(lab->cpu, insn->port, insn->bytes, &value));
    ck_assert_uint_eq(value, was_written ? SENT : HELD);
}

/* Runs it: the access is made, or port is raised and the device untouched. */
static void check_port(struct lab *lab, const struct port_insn *insn, bool is_allowed,
                       const char *what)
{
    lab_ready(lab);
    if (!is_allowed)
        want_port_exception(lab, insn, lab->cpu->s.x[A1]);
    else {
        lab_want_next(lab);
        if (!insn->is_write)
            lab->want.x[A0] = HELD;
    }
    lab_step_and_check(lab, "%s, %s, status 0x%x", tg_insn_info(insn->id)->mnemonic, what,
                       (unsigned)lab->cpu->s.status);
    check_register(lab, insn, is_allowed && insn->is_write);
    lab_close(lab);
}

/* rules: PIO-1 */
START_TEST(each_ring_each_iopl_without_bitmap)
{
    for (size_t i = 0; i < COUNT(insns); i++)
        for (uint32_t ring = 0; ring < 4; ring++)
            for (uint32_t iopl = 0; iopl < 4; iopl++) {
                struct lab lab;

                open_port(&lab, _i, &insns[i], insns[i].port, lab_status(ring, iopl, 0));
                /* A bitmap that allows the port, but is switched off. */
                for (uint32_t p = 0; p < insns[i].bytes; p++)
                    allow(&lab, insns[i].port + p);
                check_port(&lab, &insns[i], ring <= iopl, "bitmap off");
            }
}
END_TEST

/* rules: PIO-1 PIO-2. Each of the ports of the access needs its bit; other bits do not matter. */
START_TEST(each_ring_each_iopl_each_bit_of_the_bitmap)
{
    for (size_t i = 0; i < COUNT(insns); i++)
        for (uint32_t set = 0; set < UINT32_C(1) << insns[i].bytes; set++)
            for (uint32_t status = 0; status < 16; status++) {
                uint32_t ring = status & 3, iopl = status >> 2;
                bool is_all = set + 1 == UINT32_C(1) << insns[i].bytes;
                struct lab lab;

                open_port(&lab, _i, &insns[i], insns[i].port, lab_status(ring, iopl, 0));
                lab.cpu->s.iomap = LAB_IOMAP | 1;
                allow(&lab, insns[i].port - 1);
                allow(&lab, insns[i].port + insns[i].bytes);
                for (uint32_t p = 0; p < insns[i].bytes; p++)
                    if (set >> p & 1)
                        allow(&lab, insns[i].port + p);
                check_port(&lab, &insns[i], ring <= iopl || is_all, "bitmap on");
            }
}
END_TEST

/* rules: PIO-2. Each port has its own bit: all but one are set, that one is asked for. */
START_TEST(each_port_has_its_bit)
{
    const uint32_t ports[] = {0, 1, 7, 8, 31, 32, 0x3f9, 0x7fff, 0x8000, 0xfff7, 0xffff};

    for (size_t i = 0; i < COUNT(ports); i++) {
        struct lab lab;

        lab_open(&lab, _i);
        lab.cpu->s.status = lab_status(3, 2, 0);
        lab.cpu->s.iomap = LAB_IOMAP | 1;
        lab.cpu->s.x[A1] = ports[i];
        lab_put(&lab, LAB_CODE, tg_word_i(TG_INSN_INB, A0, A1, 0));
        for (uint32_t word = LAB_IOMAP; word < LAB_IOMAP + 8192; word += 4)
            lab_put(&lab, word, 0xffffffff);
        lab_put(&lab, LAB_IOMAP + ports[i] / 32 * 4, ~(UINT32_C(1) << ports[i] % 32));
        lab_ready(&lab);
        want_port_exception(&lab, &insns[0], ports[i]);
        lab_step_and_check(&lab, "port 0x%x", (unsigned)ports[i]);
        lab_close(&lab);
    }
}
END_TEST

/* rules: PIO-1. An access that starts at the end of the ports is never allowed by a bitmap, even
 * one of all ones. */
START_TEST(ports_beyond_the_last_are_not_allowed)
{
    const struct {
        const struct port_insn *insn;
        uint32_t port;
        bool is_allowed;
    } cases[] = {
        {&insns[0], 0xffff, true},  {&insns[1], 0xffff, false}, {&insns[2], 0xffff, false},
        {&insns[2], 0xfffd, false}, {&insns[2], 0xfffc, true},  {&insns[4], 0xffff, false},
        {&insns[5], 0xfffe, false}, {&insns[4], 0xfffe, true},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct port_insn *insn = cases[i].insn;
        struct lab lab;

        open_port(&lab, _i, insn, cases[i].port, lab_status(1, 0, 0));
        lab.cpu->s.iomap = LAB_IOMAP | 1;
        for (uint32_t word = LAB_IOMAP; word < LAB_IOMAP + 8192; word += 4)
            lab_put(&lab, word, 0xffffffff);
        lab_put(&lab, LAB_IOMAP + 8192, 0xffffffff); /* what would follow */
        lab_ready(&lab);
        if (cases[i].is_allowed) /* then nothing is there */
            lab_want_exception(&lab, TG_CAUSE_BUS, access_of(insn) | insn->bytes << 4,
                               cases[i].port);
        else
            want_port_exception(&lab, insn, cases[i].port);
        lab_step_and_check(&lab, "case %zu", i);
        lab_close(&lab);
    }
}
END_TEST

/* rules: PIO-1 PIO-2 PHY-2. The bitmap lies outside RAM; partly: only the bytes in RAM can allow
 * anything. */
START_TEST(bitmap_outside_ram_allows_nothing)
{
    const struct {
        uint32_t iomap, port;
        bool is_allowed;
    } cases[] = {
        {LAB_RAM_BYTES | 1, BYTE_PORT, false},
        {0xf0000001, BYTE_PORT, false},
        {0xfffff001, BYTE_PORT, false},
        {(LAB_RAM_BYTES - 4096) | 1, BYTE_PORT, true},
        {(LAB_RAM_BYTES - 4096) | 1, 0x8000, false}, /* its bit is in the second page */
        {(LAB_RAM_BYTES - 4096) | 1, 0x7fff, true},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct lab lab;

        open_port(&lab, _i, &insns[0], cases[i].port, lab_status(1, 0, 0));
        lab.cpu->s.iomap = cases[i].iomap;
        for (uint32_t word = LAB_RAM_BYTES - 4096; word < LAB_RAM_BYTES; word += 4)
            lab_put(&lab, word, 0xffffffff);
        lab_ready(&lab);
        if (!cases[i].is_allowed)
            want_port_exception(&lab, &insns[0], cases[i].port);
        else if (cases[i].port == BYTE_PORT)
            lab_want_register(&lab, A0, HELD);
        else
            lab_want_exception(&lab, TG_CAUSE_BUS, 0x14, cases[i].port);
        lab_step_and_check(&lab, "case %zu", i);
        lab_close(&lab);
    }
}
END_TEST

/* rules: PIO-2. The bitmap is found by physical address, whatever paging says. */
START_TEST(bitmap_is_physical)
{
    struct lab lab;

    open_port(&lab, _i, &insns[0], BYTE_PORT, lab_status(3, 0, 0));
    lab_paging(&lab);
    lab_map(&lab, LAB_IOMAP, 0);
    lab.cpu->s.iomap = LAB_IOMAP | 1;
    allow(&lab, BYTE_PORT);
    lab_ready(&lab);
    lab_want_register(&lab, A0, HELD);
    lab_step_and_check(&lab, "paging");
    lab_close(&lab);
}
END_TEST

/* rules: PIO-1 PIO-3 PIO-4. port, then misaligned, then bus, each where the later ones would be due
 * too. */
START_TEST(port_then_misaligned_then_bus)
{
    for (uint32_t ring = 0; ring < 4; ring++) {
        struct lab lab;

        open_port(&lab, _i, &insns[1], 0x7001, lab_status(ring, 1, 0)); /* nothing is there */
        lab_ready(&lab);
        if (ring > 1)
            want_port_exception(&lab, &insns[1], 0x7001);
        else
            lab_want_exception(&lab, TG_CAUSE_MISALIGNED, 0x24, 0x7001);
        lab_step_and_check(&lab, "misaligned, ring %u", (unsigned)ring);
        lab_close(&lab);

        open_port(&lab, _i, &insns[5], 0x7000, lab_status(ring, 1, 0));
        lab_ready(&lab);
        if (ring > 1)
            want_port_exception(&lab, &insns[5], 0x7000);
        else
            lab_want_exception(&lab, TG_CAUSE_BUS, 0x45, 0x7000);
        lab_step_and_check(&lab, "bus, ring %u", (unsigned)ring);
        lab_close(&lab);
    }
}
END_TEST

/* rules: PIO-1. A port number is 16 bits: the error names what was asked, modulo 65,536. */
START_TEST(port_numbers_wrap_around)
{
    struct lab lab;

    open_port(&lab, _i, &insns[0], 0x12340000 + BYTE_PORT, lab_status(2, 0, 0));
    lab_ready(&lab);
    want_port_exception(&lab, &insns[0], BYTE_PORT);
    lab_step_and_check(&lab, "forbidden");
    lab_close(&lab);

    open_port(&lab, _i, &insns[0], 0xffff0000 + BYTE_PORT, lab_status(2, 3, 0));
    lab_ready(&lab);
    lab_want_register(&lab, A0, HELD);
    lab_step_and_check(&lab, "allowed");
    lab_close(&lab);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ports");
    TCase *tcase = tcase_create("ports");

    tcase_set_timeout(tcase, 60);
    lab_add_test(tcase, each_ring_each_iopl_without_bitmap);
    lab_add_test(tcase, each_ring_each_iopl_each_bit_of_the_bitmap);
    lab_add_test(tcase, each_port_has_its_bit);
    lab_add_test(tcase, ports_beyond_the_last_are_not_allowed);
    lab_add_test(tcase, bitmap_outside_ram_allows_nothing);
    lab_add_test(tcase, bitmap_is_physical);
    lab_add_test(tcase, port_then_misaligned_then_bus);
    lab_add_test(tcase, port_numbers_wrap_around);
    suite_add_tcase(suite, tcase);
    return lab_main(suite);
}
