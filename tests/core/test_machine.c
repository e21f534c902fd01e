/*
 * Making a machine, its reset state, looking into it, observers and counts. docs/isa.md sections 9
 * and 10.
 */
#include <string.h>

#include "bus/ports.h"
#include "core/state.h"
#include "elf_file.h"
#include "suite.h"
#include "support/program.h"

static struct program program;

/* --- Configuration --- */

START_TEST(bad_configurations_are_refused_with_words)
{
    static char long_words[TG_BOOT_WORDS_BYTES + 1];
    memset(long_words, 'x', TG_BOOT_WORDS_BYTES);
    const struct {
        struct tg_config config;
        const char *message;
    } cases[] = {
        {{.cpus = 9}, "1 to 8 CPUs, not 9"},
        {{.cpus = UINT32_MAX}, "not 4294967295"},
        {{.ram_bytes = 4096}, "RAM is 64 KiB to 2 GiB"},
        {{.ram_bytes = TG_MIN_RAM_BYTES - 4096}, "not 61440 bytes"},
        {{.ram_bytes = TG_MIN_RAM_BYTES + 1}, "in steps of 4096"},
        {{.ram_bytes = TG_MAX_RAM_BYTES + 4096}, "to 2 GiB"},
        {{.boot_words = long_words}, "have 2048 bytes, at most 2047 fit"},
        {{.engine = "fats"}, "there is no engine 'fats'; there are: "},
        {{.engine = ""}, "there is no engine ''"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct tg_machine *machine = NULL;
        struct tg_error error = {""};
        struct tg_config config = cases[i].config;
        if (!config.engine)
            config.engine = ENGINE;
        ck_assert_int_eq(tg_machine_create(&config, NULL, &machine, &error), TG_E_ARGUMENT);
        ck_assert_msg(strstr(error.text, cases[i].message), "case %zu: %s", i, error.text);
        ck_assert_ptr_null(machine);
        ck_assert_int_eq(tg_machine_create(&config, NULL, &machine, NULL), TG_E_ARGUMENT);
    }
}
END_TEST

START_TEST(defaults_are_as_stated)
{
    struct tg_machine *machine;
    ck_assert_int_eq(tg_machine_create(NULL, NULL, &machine, NULL), TG_OK);
    const struct tg_config *config = tg_machine_config(machine);
    ck_assert_str_eq(config->engine, tg_engine_name(0, NULL));
    ck_assert_uint_eq(config->cpus, 1);
    ck_assert_uint_eq(config->ram_bytes, TG_DEFAULT_RAM_BYTES);
    ck_assert_uint_eq(config->quantum, 65536);
    ck_assert_str_eq(config->boot_words, "");
    tg_machine_destroy(machine);
    tg_machine_destroy(NULL);
}
END_TEST

START_TEST(extreme_sizes_work)
{
    const uint32_t sizes[] = {TG_MIN_RAM_BYTES, TG_MIN_RAM_BYTES + 4096, TG_MAX_RAM_BYTES};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct tg_config config = {.engine = ENGINE, .cpus = 8, .ram_bytes = sizes[i]};
        struct tg_machine *machine;
        int result = tg_machine_create(&config, NULL, &machine, NULL);
        if (result == TG_E_NOMEM && sizes[i] == TG_MAX_RAM_BYTES)
            continue; /* a small host */
        ck_assert_int_eq(result, TG_OK);
        uint8_t byte = 7;
        ck_assert_int_eq(tg_machine_ram_write(machine, sizes[i] - 1, &byte, 1), TG_OK);
        ck_assert_int_eq(tg_machine_ram_write(machine, sizes[i], &byte, 1), TG_E_ADDRESS);
        tg_machine_destroy(machine);
    }
}
END_TEST

/* --- Reset --- */

/* Whether CPU number is as RST-2 and RST-3 say, with these exceptions. */
static void check_reset_cpu(const struct tg_machine *machine, uint32_t number, uint32_t pc)
{
    struct tg_cpu_state want = {.insns = machine->cpus[number].s.insns};
    want.run_state = number == 0 ? TG_CPU_RUNNING : TG_CPU_PARKED;
    if (number == 0) {
        want.pc = pc;
        want.x[SP] = machine->ram.size;
        want.x[A1] = 0x100;
    }
    const struct tg_cpu_state *have = &machine->cpus[number].s;
    ck_assert_mem_eq(have->x, want.x, sizeof want.x);
    ck_assert_uint_eq(have->pc, want.pc);
    ck_assert_uint_eq(have->run_state, want.run_state);
    for (uint32_t i = 0; i < 256; i++) {
        struct tg_cpu_view view;
        tg_machine_cpu(machine, number, &view);
        bool has_value = i == TG_CR_CPU || i == TG_CR_TIME || i == TG_CR_INSNS;
        ck_assert_msg(has_value || view.creg[i] == 0, "control register %u", (unsigned)i);
    }
    for (uint32_t i = 0; i < TG_ITLB_ENTRIES; i++)
        ck_assert_uint_eq(have->itlb_entry[i], 0);
    for (uint32_t i = 0; i < TG_DTLB_ENTRIES; i++)
        ck_assert_uint_eq(have->dtlb_entry[i], 0);
}

static void check_boot_block(const struct tg_machine *machine, uint32_t cpus, const char *words)
{
    char text[TG_BOOT_WORDS_BYTES];
    ck_assert_uint_eq(program_ram(machine, 0x100), 0x54474254);
    ck_assert_uint_eq(program_ram(machine, 0x104), 1);
    ck_assert_uint_eq(program_ram(machine, 0x108), tg_machine_config(machine)->ram_bytes);
    ck_assert_uint_eq(program_ram(machine, 0x10c), cpus);
    ck_assert_uint_eq(program_ram(machine, 0x110), strlen(words));
    ck_assert_int_eq(tg_machine_ram_read(machine, 0x114, text, strlen(words) + 1), TG_OK);
    ck_assert_str_eq(text, words);
}

START_TEST(a_new_machine_is_in_reset_state) /* rules: RST-2, RST-3, RST-4 */
{
    static char longest[TG_BOOT_WORDS_BYTES];
    memset(longest, 'y', TG_BOOT_WORDS_BYTES - 1);
    const char *const words[] = {NULL, "services=kernel calls=trap", longest};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        struct tg_config config = {
            .engine = ENGINE, .cpus = 3, .ram_bytes = 69632, .boot_words = words[i]};
        struct tg_machine *machine;
        ck_assert_int_eq(tg_machine_create(&config, NULL, &machine, NULL), TG_OK);
        for (uint32_t cpu = 0; cpu < 3; cpu++)
            check_reset_cpu(machine, cpu, 0x1000);
        check_boot_block(machine, 3, words[i] ? words[i] : "");
        ck_assert_uint_eq(tg_machine_position(machine).insns, 0);
        ck_assert_uint_eq(tg_machine_position(machine).time, 0);
        tg_machine_destroy(machine);
    }
}
END_TEST

/* Spoils what a program can spoil: RAM, registers, control registers, other CPUs, devices. */
static void put_spoiling(void)
{
    program_begin(&program, PROGRAM_START);
    const uint32_t cregs[] = {TG_CR_VBASE,    TG_CR_SP0,     TG_CR_SP1,      TG_CR_SP2,
                              TG_CR_SPD,      TG_CR_IOMAP,   TG_CR_SCRATCH0, TG_CR_SCRATCH1,
                              TG_CR_SCRATCH2, TG_CR_SCRATCH3};
    program_li(&program, T0, 0xa000);
    for (size_t i = 0; i < sizeof cregs / sizeof cregs[0]; i++)
        program_i(&program, TG_INSN_WRCR, 0, T0, (int32_t)cregs[i]);
    program_li(&program, T1, 0x0ff);
    program_i(&program, TG_INSN_WRCR, 0, T1, TG_CR_PTROOT);
    program_li(&program, T1, 0x310);
    program_i(&program, TG_INSN_WRCR, 0, T1, TG_CR_STATUS);
    for (unsigned i = 1; i < 30; i++)
        program_li(&program, i, 0x1234567u * i);
    program_i(&program, TG_INSN_SW, T0, ZERO, 0x100);
    program_li(&program, S0, 0xfffc);
    program_i(&program, TG_INSN_SW, T0, S0, 0);
    program_i(&program, TG_INSN_LR_W, T0, S0, 0);
    program_out(&program, TG_PORT_TIMER_PERIOD, 100);
    program_out(&program, TG_PORT_INTERRUPTS_START_PC, PROGRAM_START);
    program_out(&program, TG_PORT_INTERRUPTS_START, 1);
    program_branch(&program, TG_INSN_JAL, ZERO, 0, program_here(&program));
}

static void run_to_time(struct tg_machine *machine, uint64_t time)
{
    struct tg_run_limits limits = {.until = {TG_NO_LIMIT, time}};
    struct tg_stop stop;
    tg_machine_run(machine, &limits, &stop);
    ck_assert_int_eq(stop.reason, TG_STOP_LIMIT);
}

START_TEST(a_reset_undoes_everything_but_time_and_counts) /* rules: RST-1, RST-2, RST-3, RST-4 */
{
    put_spoiling();
    struct tg_machine *machine = program_machine(&program, ENGINE, 2);
    struct tg_machine *fresh = program_machine(&program, ENGINE, 2);
    run_to_time(machine, 1280); /* between two rounds */
    ck_assert_uint_eq(program_ram(machine, 0x100), 0x1234567u * T0);
    struct tg_position before = tg_machine_position(machine);
    ck_assert_int_eq(tg_machine_input(machine, (struct tg_input){TG_INPUT_RESET, 0}), TG_OK);
    ck_assert_uint_eq(tg_machine_position(machine).insns, before.insns);
    ck_assert_uint_eq(tg_machine_position(machine).time, before.time);
    for (uint32_t cpu = 0; cpu < 2; cpu++)
        check_reset_cpu(machine, cpu, 0x1000);
    check_boot_block(machine, 2, "");
    program_load(&program, machine);
    for (uint32_t i = 0; i < machine->ram.size; i++)
        ck_assert_uint_eq(machine->ram.bytes[i], fresh->ram.bytes[i]);
    uint64_t insns = 0;
    for (uint32_t cpu = 0; cpu < 2; cpu++)
        insns += machine->cpus[cpu].s.insns;
    ck_assert_uint_eq(insns, before.insns);
    /* It runs again as it did: the second run ends in the same registers. */
    run_to_time(machine, before.time + 1280);
    run_to_time(fresh, 1280);
    for (uint32_t cpu = 0; cpu < 2; cpu++)
        for (unsigned i = 0; i < 32; i++)
            ck_assert_uint_eq(program_register(machine, cpu, i), program_register(fresh, cpu, i));
    tg_machine_destroy(machine);
    tg_machine_destroy(fresh);
}
END_TEST

START_TEST(a_reset_loads_the_image_again) /* rules: RST-1, RST-3, IMG-1 */
{
    program_begin(&program, ELF_TEXT_PADDR);
    program_word(&program, 0); /* the entry point is not the image's first word */
    program_li(&program, T0, ELF_TEXT_PADDR);
    program_i(&program, TG_INSN_SW, T0, T0, 0); /* spoils the image */
    program_i(&program, TG_INSN_WFI, 0, 0, 0);
    struct elf_file file;
    elf_file_init(&file);
    elf_file_put(&file, 24, 4, ELF_TEXT_PADDR + 4);
    for (uint32_t i = 0; i < program.count; i++)
        elf_file_put(&file, ELF_TEXT + 4 * i, 4, program.words[i]);
    struct tg_machine *machine;
    struct tg_config config = {.engine = ENGINE, .ram_bytes = 0x10000};
    struct tg_error error = {""};
    ck_assert_int_eq(tg_machine_create(&config, NULL, &machine, NULL), TG_OK);
    ck_assert_msg(tg_machine_load_image(machine, file.bytes, file.size, &error) == TG_OK, "%s",
                  error.text);
    for (int i = 0; i < 3; i++) {
        struct tg_cpu_view view;
        tg_machine_cpu(machine, 0, &view);
        ck_assert_uint_eq(view.pc, ELF_TEXT_PADDR + 4);
        ck_assert_uint_eq(program_ram(machine, ELF_TEXT_PADDR), 0);
        ck_assert_uint_eq(program_ram(machine, ELF_TEXT_PADDR + 4), program.words[1]);
        ck_assert_uint_eq(program_ram(machine, ELF_DATA_PADDR + 12), 4);
        check_boot_block(machine, 1, "");
        ck_assert_int_eq(program_run(machine, TG_NO_LIMIT).reason, TG_STOP_IDLE);
        ck_assert_uint_eq(program_ram(machine, ELF_TEXT_PADDR), ELF_TEXT_PADDR);
        tg_machine_input(machine, (struct tg_input){TG_INPUT_RESET, 0});
    }
    /* An image that is refused leaves the machine as it was. */
    uint64_t digest = tg_machine_digest(machine);
    ck_assert_int_eq(tg_machine_load_image(machine, "none", 4, &error), TG_E_FORMAT);
    ck_assert_uint_eq(tg_machine_digest(machine), digest);
    tg_machine_destroy(machine);
}
END_TEST

/* --- Looking --- */

START_TEST(ram_is_read_and_written_only_where_there_is_some) /* rules: PHY-1 */
{
    program_begin(&program, PROGRAM_START);
    struct tg_machine *machine = program_machine(&program, ENGINE, 1);
    uint32_t size = tg_machine_config(machine)->ram_bytes;
    uint8_t bytes[8] = {1, 2, 3, 4, 5, 6, 7, 8}, read[8];
    const struct {
        uint32_t paddr;
        size_t count;
        int result;
    } cases[] = {{0, 8, TG_OK},
                 {size - 8, 8, TG_OK},
                 {size - 7, 8, TG_E_ADDRESS},
                 {size, 0, TG_OK},
                 {size, 1, TG_E_ADDRESS},
                 {size + 1, 0, TG_E_ADDRESS},
                 {UINT32_MAX, 8, TG_E_ADDRESS},
                 {UINT32_MAX - 7, 8, TG_E_ADDRESS},
                 {0xf0000000, 4, TG_E_ADDRESS},
                 {4, (size_t)UINT32_MAX + 2, TG_E_ADDRESS},
                 {8, SIZE_MAX, TG_E_ADDRESS},
                 {4092, 8, TG_OK}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ck_assert_int_eq(tg_machine_ram_write(machine, cases[i].paddr, bytes, cases[i].count),
                         cases[i].result);
        ck_assert_int_eq(tg_machine_ram_read(machine, cases[i].paddr, read, cases[i].count),
                         cases[i].result);
        if (cases[i].result == TG_OK)
            ck_assert_mem_eq(read, bytes, cases[i].count);
    }
    tg_machine_destroy(machine);
}
END_TEST

START_TEST(a_cpu_that_is_not_there_looks_parked)
{
    program_begin(&program, PROGRAM_START);
    struct tg_machine *machine = program_machine(&program, ENGINE, 1);
    struct tg_cpu_view view;
    struct tg_counts counts;
    tg_machine_cpu(machine, 1, &view);
    ck_assert(view.is_parked);
    tg_machine_cpu(machine, UINT32_MAX, &view);
    ck_assert(view.is_parked);
    tg_machine_counts(machine, UINT32_MAX, &counts);
    ck_assert_uint_eq(counts.insns_by_ring[0], 0);
    tg_machine_destroy(machine);
}
END_TEST

START_TEST(a_view_shows_control_registers_by_number)
{
    put_spoiling();
    struct tg_machine *machine = program_machine(&program, ENGINE, 2);
    program_run(machine, 60);
    struct tg_cpu_view view;
    tg_machine_cpu(machine, 0, &view);
    ck_assert_uint_eq(view.creg[TG_CR_STATUS], 0x310);
    ck_assert_uint_eq(view.creg[TG_CR_PTROOT], 0xff);
    const uint32_t cregs[] = {TG_CR_VBASE,    TG_CR_SP0,     TG_CR_SP1,      TG_CR_SP2,
                              TG_CR_SPD,      TG_CR_IOMAP,   TG_CR_SCRATCH0, TG_CR_SCRATCH1,
                              TG_CR_SCRATCH2, TG_CR_SCRATCH3};
    for (size_t i = 0; i < sizeof cregs / sizeof cregs[0]; i++)
        ck_assert_uint_eq(view.creg[cregs[i]], 0xa000);
    ck_assert_uint_eq(view.creg[TG_CR_TIME], 60);
    ck_assert_uint_eq(view.creg[TG_CR_INSNS], 60);
    ck_assert_uint_eq(view.insns, 60);
    tg_machine_destroy(machine);
}
END_TEST

/* --- Counts and observers, on a program in ring 3 that asks the kernel again and again --- */

#define VBASE  UINT32_C(0x8000)
#define STACK  UINT32_C(0x7000)
#define VECTOR 0x40
#define PORT   ((uint32_t)TG_PORT_RANDOM_VALUE)

/* Ring 0: a store, a load, a port read, iret; ring 3: trap, jump. */
static uint32_t put_asking(void)
{
    program_begin(&program, PROGRAM_START);
    uint32_t to_main = program_forward(&program, TG_INSN_JAL, ZERO, 0);
    uint32_t handler = program_here(&program);
    program_i(&program, TG_INSN_SW, T0, ZERO, 0x600);
    program_i(&program, TG_INSN_LB, T1, ZERO, 0x600);
    program_i(&program, TG_INSN_INW, T2, ZERO, (int32_t)PORT);
    program_i(&program, TG_INSN_IRET, 0, 0, 0);
    uint32_t user = program_here(&program);
    program_i(&program, TG_INSN_TRAP, 0, 0, VECTOR);
    program_branch(&program, TG_INSN_JAL, ZERO, 0, user);
    program_land(&program, to_main);
    program_gate(&program, VBASE, VECTOR, handler);
    program_li(&program, T0, VBASE);
    program_i(&program, TG_INSN_WRCR, 0, T0, TG_CR_VBASE);
    program_li(&program, T0, 0x07);
    program_i(&program, TG_INSN_WRCR, 0, T0, TG_CR_PTROOT);
    program_li(&program, SP, STACK);
    program_i(&program, TG_INSN_WRCR, 0, SP, TG_CR_SP0);
    program_li(&program, T0, user);
    program_i(&program, TG_INSN_SW, T0, SP, TG_FRAME_PC);
    program_li(&program, T0, 3);
    program_i(&program, TG_INSN_SW, T0, SP, TG_FRAME_STATUS);
    program_i(&program, TG_INSN_IRET, 0, 0, 0);
    return program.count - 6; /* instructions of the kernel's start: all but handler and user, and
                                 the jump over them */
}

START_TEST(counts_say_what_was_done)
{
    uint32_t start = put_asking();
    struct tg_machine *machine = program_machine(&program, ENGINE, 1);
    program_run(machine, start + 6 * 100);
    struct tg_counts counts;
    tg_machine_counts(machine, 0, &counts);
    /* The trap belongs to ring 3, the iret to ring 0. */
    ck_assert_uint_eq(counts.insns_by_ring[0], start + 4 * 100);
    ck_assert_uint_eq(counts.insns_by_ring[3], 2 * 100);
    ck_assert_uint_eq(counts.insns_by_ring[1] + counts.insns_by_ring[2], 0);
    ck_assert_uint_eq(counts.insns_by_space[0] + counts.insns_by_space[7], start + 600);
    ck_assert_uint_gt(counts.insns_by_space[7], 600);
    ck_assert_uint_eq(counts.entries[VECTOR], 100);
    ck_assert_uint_eq(counts.entries_by_kind[TG_ENTRY_TRAP], 100);
    ck_assert_uint_eq(counts.entries_by_kind[TG_ENTRY_EXCEPTION], 0);
    ck_assert_uint_eq(counts.crossings[3][0], 100);
    ck_assert_uint_eq(counts.crossings[0][3], 101);
    ck_assert_uint_eq(counts.port_reads, 100);
    ck_assert_uint_eq(counts.port_writes, 0);
    ck_assert_uint_eq(counts.space_switches, 1);

    /* Looking changes nothing, and a reset does not stop the counts. */
    struct tg_counts again;
    tg_machine_counts(machine, 0, &again);
    ck_assert_mem_eq(&counts, &again, sizeof counts);
    tg_machine_input(machine, (struct tg_input){TG_INPUT_RESET, 0});
    program_run(machine, start + 600 + 200000);
    tg_machine_counts(machine, 0, &again);
    ck_assert_uint_ge(again.insns_by_ring[0] + again.insns_by_ring[3],
                      counts.insns_by_ring[0] + 200);
    tg_machine_destroy(machine);
}
END_TEST

struct seen {
    uint64_t retired, memory, entries, returns, ports;
    struct tg_memory_event last_memory;
    struct tg_entry_event last_entry;
    struct tg_return_event last_return;
    struct tg_port_event last_port;
    uint32_t last_pc, last_word;
};

static void see_retire(void *context, uint32_t cpu, uint32_t pc, uint32_t word)
{
    struct seen *seen = context;
    ck_assert_uint_eq(cpu, 0);
    seen->retired++;
    seen->last_pc = pc;
    seen->last_word = word;
}

static void see_memory(void *context, const struct tg_memory_event *event)
{
    struct seen *seen = context;
    seen->memory++;
    seen->last_memory = *event;
}

static void see_entry(void *context, const struct tg_entry_event *event)
{
    struct seen *seen = context;
    seen->entries++;
    seen->last_entry = *event;
}

static void see_return(void *context, const struct tg_return_event *event)
{
    struct seen *seen = context;
    seen->returns++;
    seen->last_return = *event;
}

static void see_port(void *context, const struct tg_port_event *event)
{
    struct seen *seen = context;
    seen->ports++;
    seen->last_port = *event;
}

START_TEST(observers_see_each_act)
{
    uint32_t start = put_asking();
    uint32_t handler = PROGRAM_START + 4, user = PROGRAM_START + 20;
    struct tg_machine *machine = program_machine(&program, ENGINE, 1);
    program_run(machine, start);
    struct seen seen = {0};
    struct tg_observer observer = {.context = &seen,
                                   .retire = see_retire,
                                   .memory = see_memory,
                                   .entry = see_entry,
                                   .leave = see_return,
                                   .port = see_port};
    ck_assert_int_eq(tg_machine_observe(machine, &observer), TG_OK);
    program_run(machine, start + 6 * 10);
    ck_assert_uint_eq(seen.retired, 60);
    ck_assert_uint_eq(seen.memory, 20);
    ck_assert_uint_eq(seen.entries, 10);
    ck_assert_uint_eq(seen.returns, 10);
    ck_assert_uint_eq(seen.ports, 10);
    ck_assert_uint_eq(seen.last_pc, user + 4);
    ck_assert_uint_eq(seen.last_word, program.words[(user + 4 - PROGRAM_START) / 4]);
    ck_assert_int_eq(seen.last_memory.access, TG_ACCESS_LOAD);
    ck_assert_uint_eq(seen.last_memory.pc, handler + 4);
    ck_assert_uint_eq(seen.last_memory.paddr, 0x600);
    ck_assert_uint_eq(seen.last_memory.bytes, 1);
    ck_assert_uint_eq(seen.last_entry.vector, VECTOR);
    ck_assert_int_eq(seen.last_entry.kind, TG_ENTRY_TRAP);
    ck_assert_uint_eq(seen.last_entry.from_ring, 3);
    ck_assert_uint_eq(seen.last_entry.to_ring, 0);
    ck_assert_uint_eq(seen.last_entry.saved_pc, user + 4);
    ck_assert_uint_eq(seen.last_entry.handler, handler);
    ck_assert_uint_eq(seen.last_entry.frame, STACK - 32);
    ck_assert_uint_eq(seen.last_return.from_ring, 0);
    ck_assert_uint_eq(seen.last_return.to_ring, 3);
    ck_assert_uint_eq(seen.last_return.pc, handler + 12);
    ck_assert_uint_eq(seen.last_return.new_pc, user + 4);
    ck_assert_int_eq(seen.last_port.access, TG_ACCESS_IN);
    ck_assert_uint_eq(seen.last_port.port, PORT);
    ck_assert_uint_eq(seen.last_port.pc, handler + 8);
    ck_assert_uint_eq(seen.last_port.value, program_register(machine, 0, T2));

    tg_machine_unobserve(machine, &observer);
    program_run(machine, start + 6 * 20);
    ck_assert_uint_eq(seen.retired, 60);
    tg_machine_destroy(machine);
}
END_TEST

START_TEST(observers_change_nothing_and_come_and_go)
{
    uint32_t start = put_asking();
    struct tg_machine *machine = program_machine(&program, ENGINE, 1);
    struct tg_machine *watched = program_machine(&program, ENGINE, 1);
    struct seen seen[TG_MAX_OBSERVERS] = {0};
    struct tg_observer observers[TG_MAX_OBSERVERS + 1];
    memset(observers, 0, sizeof observers);
    for (int i = 0; i < TG_MAX_OBSERVERS; i++) {
        /* The first sees all, each of the others one kind of act or nothing. */
        observers[i] = (struct tg_observer){.context = &seen[i],
                                            .retire = i % 6 == 0 ? see_retire : NULL,
                                            .memory = i % 6 == 1 ? see_memory : NULL,
                                            .entry = i % 6 == 2 ? see_entry : NULL,
                                            .leave = i % 6 == 3 ? see_return : NULL,
                                            .port = i % 6 == 4 ? see_port : NULL};
        ck_assert_int_eq(tg_machine_observe(watched, &observers[i]), TG_OK);
    }
    ck_assert_int_eq(tg_machine_observe(watched, &observers[TG_MAX_OBSERVERS]), TG_E_NOMEM);
    program_run(machine, start + 6 * 10);
    program_run(watched, start + 6 * 10);
    ck_assert_uint_eq(tg_machine_digest(machine), tg_machine_digest(watched));
    ck_assert_uint_eq(seen[0].retired, start + 60);
    ck_assert_uint_eq(seen[6].retired, start + 60);
    ck_assert_uint_ge(seen[1].memory, 20);
    ck_assert_uint_eq(seen[2].entries, 10);
    ck_assert_uint_eq(seen[3].returns, 11);
    ck_assert_uint_eq(seen[4].ports, 10);
    tg_machine_unobserve(watched, &observers[0]);
    tg_machine_unobserve(watched, &observers[TG_MAX_OBSERVERS]); /* was never there */
    program_run(watched, start + 6 * 20);
    ck_assert_uint_eq(seen[0].retired, start + 60);
    ck_assert_uint_eq(seen[6].retired, start + 120);
    ck_assert_int_eq(tg_machine_observe(watched, &observers[0]), TG_OK);
    tg_machine_destroy(machine);
    tg_machine_destroy(watched);
}
END_TEST

START_TEST(engines_have_names_and_meanings)
{
    const char *meaning = NULL;
    ck_assert_ptr_nonnull(tg_engine_name((unsigned)_i, &meaning));
    ck_assert_ptr_nonnull(meaning);
    ck_assert_ptr_null(tg_engine_name(1000, &meaning));
}
END_TEST

SUITE_MAIN("machine", bad_configurations_are_refused_with_words, defaults_are_as_stated,
           extreme_sizes_work, a_new_machine_is_in_reset_state,
           a_reset_undoes_everything_but_time_and_counts, a_reset_loads_the_image_again,
           ram_is_read_and_written_only_where_there_is_some, a_cpu_that_is_not_there_looks_parked,
           a_view_shows_control_registers_by_number, counts_say_what_was_done,
           observers_see_each_act, observers_change_nothing_and_come_and_go,
           engines_have_names_and_meanings)
