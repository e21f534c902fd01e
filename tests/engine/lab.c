/* The lab of the engine tests; see lab.h. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bus/bus.h"
#include "bus/ports.h"
#include "lab.h"

/* ck_assert writes to a file each time that it holds; here it would be called a million times. */
#define REQUIRE(condition)                                                                         \
    do {                                                                                           \
        if (!(condition))                                                                          \
            ck_abort_msg("the lab: not so: %s", #condition);                                       \
    } while (0)

int lab_engines(void)
{
    int count = 0;

    while (tg_engine_name((unsigned)count, NULL))
        count++;
    return count;
}

/* --- Opening and closing ---------------------------------------------------------------------- */

static void prepare_cpu(struct tg_cpu_state *s)
{
    for (uint32_t i = 1; i < 32; i++)
        s->x[i] = UINT32_C(0x01010101) * i;
    s->x[SP] = LAB_STACK;
    s->pc = LAB_CODE;
    s->vbase = LAB_VECTORS;
    s->sp_of_ring[0] = LAB_STACK_0;
    s->sp_of_ring[1] = LAB_STACK_1;
    s->sp_of_ring[2] = LAB_STACK_2;
    s->spd = LAB_STACK_D;
    s->iomap = LAB_IOMAP; /* off */
}

void lab_open(struct lab *lab, int engine)
{
    lab_open_cpus(lab, engine, 1);
}

void lab_open_cpus(struct lab *lab, int engine, uint32_t cpus)
{
    struct tg_config config = {
        .engine = tg_engine_name((unsigned)engine, NULL), .cpus = cpus, .ram_bytes = LAB_RAM_BYTES};
    struct tg_host host = {0};
    struct tg_error error;

    *lab = (struct lab){.engine = config.engine};
    ck_assert_msg(tg_machine_create(&config, &host, &lab->machine, &error) == TG_OK, "%s",
                  error.text);
    lab->cpu = &lab->machine->cpus[0];
    lab->cpu->s.run_state = TG_CPU_RUNNING;
    prepare_cpu(&lab->cpu->s);
    for (uint32_t v = 0; v < TG_GATE_COUNT; v++)
        lab_gate(lab, v, lab_handler(v), lab_gate_bits(0, 3));
    lab->want_ram = malloc(LAB_RAM_BYTES);
    REQUIRE(lab->want_ram);
}

void lab_close(struct lab *lab)
{
    tg_machine_destroy(lab->machine);
    free(lab->want_ram);
}

/* --- Preparing -------------------------------------------------------------------------------- */

void lab_program(struct lab *lab, uint32_t paddr, const uint32_t *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        lab_put(lab, paddr + (uint32_t)(4 * i), words[i]);
}

void lab_put(struct lab *lab, uint32_t paddr, uint32_t word)
{
    uint8_t bytes[4] = {(uint8_t)word, (uint8_t)(word >> 8), (uint8_t)(word >> 16),
                        (uint8_t)(word >> 24)};

    REQUIRE(tg_machine_ram_write(lab->machine, paddr, bytes, 4) == TG_OK);
}

static uint32_t word_at(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
           (uint32_t)bytes[3] << 24;
}

uint32_t lab_get(const struct lab *lab, uint32_t paddr)
{
    uint8_t bytes[4];

    REQUIRE(tg_machine_ram_read(lab->machine, paddr, bytes, 4) == TG_OK);
    return word_at(bytes);
}

uint32_t lab_status(uint32_t ring, uint32_t iopl, uint32_t ie)
{
    return ring | ie << 4 | iopl << 8;
}

uint32_t lab_handler(uint32_t vector)
{
    return LAB_HANDLERS + 16 * vector;
}

uint32_t lab_gate_address(uint32_t vector)
{
    return LAB_VECTORS + 8 * vector;
}

uint32_t lab_gate_bits(uint32_t ring, uint32_t raise)
{
    return 0x8000 | raise << 4 | ring;
}

void lab_gate(struct lab *lab, uint32_t vector, uint32_t handler, uint32_t bits)
{
    lab_put(lab, lab_gate_address(vector), handler);
    lab_put(lab, lab_gate_address(vector) + 4, bits);
}

uint32_t lab_entry_address(uint32_t vaddr)
{
    return LAB_TABLE + 4 * (vaddr >> 12);
}

void lab_map(struct lab *lab, uint32_t vaddr, uint32_t entry)
{
    lab_put(lab, lab_entry_address(vaddr), entry);
}

void lab_paging(struct lab *lab)
{
    lab_put(lab, LAB_DIRECTORY, LAB_TABLE | TG_PTE_PRESENT);
    for (uint32_t page = 0; page < LAB_RAM_BYTES; page += TG_PAGE_BYTES)
        lab_map(lab, page, page | LAB_PTE_ALL);
    lab_put(lab, LAB_DIRECTORY + 4 * (LAB_VIRTUAL_WINDOW >> 22), LAB_OTHER_TABLE | TG_PTE_PRESENT);
    lab_put(lab, LAB_OTHER_TABLE, (uint32_t)LAB_WINDOW | LAB_PTE_ALL);
    lab->cpu->s.ptroot = LAB_DIRECTORY | TG_PTROOT_ENABLE;
}

void lab_assert_line(struct lab *lab, uint32_t source)
{
    REQUIRE(tg_bus_port_write(lab->cpu, TG_PORT_INTERRUPTS_ENABLE, 4, UINT32_C(1) << source));
    tg_bus_set_line(lab->machine, source, true);
}

/* --- Wanting ---------------------------------------------------------------------------------- */

void lab_ready(struct lab *lab)
{
    struct tg_machine *machine = lab->machine;

    machine->engine->state_changed(machine->engine_caches, NULL);
    lab->want = lab->cpu->s;
    REQUIRE(tg_machine_ram_read(machine, 0, lab->want_ram, LAB_RAM_BYTES) == TG_OK);
}

void lab_want_word(struct lab *lab, uint32_t paddr, uint32_t word)
{
    REQUIRE(paddr <= LAB_RAM_BYTES - 4);
    for (uint32_t i = 0; i < 4; i++)
        lab->want_ram[paddr + i] = (uint8_t)(word >> 8 * i);
}

void lab_want_next(struct lab *lab)
{
    lab->want.pc += 4;
}

void lab_want_register(struct lab *lab, uint32_t number, uint32_t value)
{
    lab->want.x[number] = value;
    lab_want_next(lab);
}

void lab_want_exception(struct lab *lab, uint32_t vector, uint32_t error, uint32_t address)
{
    lab_want_entry(lab, (struct lab_entry){.kind = 0,
                                           .vector = vector,
                                           .error = error,
                                           .address = address,
                                           .saved_pc = lab->want.pc});
}

void lab_want_entry(struct lab *lab, struct lab_entry entry)
{
    struct tg_cpu_state *want = &lab->want;
    uint32_t stack = (want->status & 3) == entry.ring ? want->x[SP] : want->sp_of_ring[entry.ring];
    uint32_t frame = (stack - 24) / 32 * 32;

    lab_want_word(lab, frame, entry.vector + 256 * entry.kind);
    lab_want_word(lab, frame + 4, entry.error);
    lab_want_word(lab, frame + 8, entry.address);
    lab_want_word(lab, frame + 12, entry.saved_pc);
    lab_want_word(lab, frame + 16, want->status);
    lab_want_word(lab, frame + 20, want->x[SP]);
    want->x[SP] = frame;
    want->status = want->status / 4 * 4 + entry.ring;
    want->pc = lab_handler(entry.vector);
    want->is_reserved = 0;
}

/* --- Running and comparing -------------------------------------------------------------------- */

void lab_run(struct lab *lab, uint64_t insns)
{
    uint64_t before = lab->cpu->s.insns;
    uint64_t executed;
    struct tg_position now = tg_machine_position(lab->machine);
    struct tg_run_limits limits = {.until = {now.insns + insns, TG_NO_LIMIT}};

    tg_machine_run(lab->machine, &limits, &lab->stop);
    executed = tg_machine_position(lab->machine).insns - now.insns;
    if (lab->stop.reason == TG_STOP_LIMIT && executed != insns)
        ck_abort_msg("%s: %" PRIu64 " instructions of %" PRIu64, lab->engine, executed, insns);
    lab->want.insns += lab->cpu->s.insns - before;
}

static uint64_t element(const void *state, const struct tg_field *field, uint32_t index)
{
    const uint8_t *place = (const uint8_t *)state + field->offset + (size_t)index * field->width;
    uint16_t half;
    uint32_t word;
    uint64_t twin;

    switch (field->width) {
    case 1:
        return *place;
    case 2:
        memcpy(&half, place, 2);
        return half;
    case 4:
        memcpy(&word, place, 4);
        return word;
    default:
        memcpy(&twin, place, 8);
        return twin;
    }
}

static bool is_compared(const struct lab *lab, const char *field)
{
    if (strncmp(field, "itlb_", 5) == 0 || strncmp(field, "dtlb_", 5) == 0)
        return lab->checks_caches;
    /* What is left of a reservation that is no more means nothing. */
    return strcmp(field, "reserved_paddr") != 0 || lab->want.is_reserved;
}

static void check_field(const struct lab *lab, const struct tg_field *field, const char *what)
{
    for (uint32_t i = 0; i < field->count; i++) {
        uint64_t got = element(&lab->cpu->s, field, i);
        uint64_t want = element(&lab->want, field, i);

        if (got != want)
            ck_abort_msg("%s, %s: %s[%" PRIu32 "] is 0x%" PRIx64 ", not 0x%" PRIx64, lab->engine,
                         what, field->name, i, got, want);
    }
}

static void check_ram(const struct lab *lab, const char *what)
{
    static uint8_t got[LAB_RAM_BYTES];

    REQUIRE(tg_machine_ram_read(lab->machine, 0, got, LAB_RAM_BYTES) == TG_OK);
    if (memcmp(got, lab->want_ram, LAB_RAM_BYTES) == 0)
        return;
    for (uint32_t i = 0; i < LAB_RAM_BYTES; i += 4)
        if (word_at(got + i) != word_at(lab->want_ram + i))
            ck_abort_msg("%s, %s: the word at 0x%" PRIx32 " is 0x%" PRIx32 ", not 0x%" PRIx32,
                         lab->engine, what, i, word_at(got + i), word_at(lab->want_ram + i));
}

void lab_check(struct lab *lab, const char *what, ...)
{
    char text[200];
    va_list arguments;

    va_start(arguments, what);
    vsnprintf(text, sizeof text, what, arguments);
    va_end(arguments);

    if (lab->wants_end != tg_machine_fatal(lab->machine, &(struct tg_fatal){0}))
        ck_abort_msg("%s, %s: the machine has%s ended", lab->engine, text,
                     lab->wants_end ? " not" : "");
    for (uint32_t i = 0; i < tg_cpu_state_fields.count; i++)
        if (is_compared(lab, tg_cpu_state_fields.fields[i].name))
            check_field(lab, &tg_cpu_state_fields.fields[i], text);
    check_ram(lab, text);
}

int lab_main(Suite *suite)
{
    SRunner *runner = srunner_create(suite);
    int failed;

    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
