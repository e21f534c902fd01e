/*
 * How a random guest is laid out, and how its words are chosen: see random_guest.h. C leaves open
 * in which order the parts of an expression and arguments are evaluated, so each takes one number
 * from the source at most: a seed must be the same guest under every compiler.
 *
 *   0x01000  vector table        0x0a000  handlers, 64 bytes each       0x14000  data
 *   0x02000  port bitmap         0x10000  code, 16 KiB                  0x20000  stacks, a page for
 * each CPU and ring 0x04000  two address spaces: directory, table of the low 4 MiB, table of the
 * aliases at 0x40000000
 */
#include "support/random_guest.h"

#include "bus/bus.h"
#include "core/ram.h"
#include "core/state.h"

enum {
    VECTORS = 0x1000,
    BITMAP = 0x2000,
    SPACES = 0x4000,
    SPACE_BYTES = 0x3000,
    SPACE_COUNT = 2,
    HANDLERS = 0xa000,
    HANDLER_BYTES = 64,
    HANDLER_COUNT = 32,
    CODE = 0x10000,
    CODE_BYTES = 0x4000,
    DATA = 0x14000,
    DATA_BYTES = 0xc000,
    STACKS = 0x20000,
    ALIASES = 0x40000000,
    ALIAS_SLOTS =
        16 /* directory entries that all lead to the same table: more pages than caches hold */
};

/* Registers with a part to play; random code mostly leaves them alone. */
enum {
    SP = 2,
    FIRST_PLAIN = 5, /* t0 */
    LAST_PLAIN = 15,
    FIRST_POINTER = 18, /* into data, aligned */
    LAST_POINTER = 22,
    CODE_POINTER = 23,   /* into code */
    WORD = 24,           /* a valid instruction */
    PTROOT_VALUE = 25,   /* a valid ptroot */
    STATUS_VALUE = 26,   /* a likely status */
    WINDOW_POINTER = 27, /* into the text display */
    WILD = 28            /* anything */
};

/* --- Numbers ---------------------------------------------------------------------------------- */

/* splitmix64: every state is a good one. */
static uint32_t pseudo_random(uint64_t *state)
{
    *state += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t z = *state;
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return (uint32_t)(z >> 32);
}

uint32_t random_next(struct random_source *source)
{
    if (source->left < 2) {
        return pseudo_random(&source->state);
    }
    /* two bytes of input steer a choice, the rest of the word is filled up from them */
    uint64_t seed = source->bytes[0] | (uint64_t)source->bytes[1] << 8;
    source->bytes += 2;
    source->left -= 2;
    source->state += seed;
    return pseudo_random(&seed);
}

uint32_t random_below(struct random_source *source, uint32_t limit)
{
    return random_next(source) % limit;
}

bool random_chance(struct random_source *source, uint32_t percent)
{
    return random_below(source, 100) < percent;
}

static uint32_t between(struct random_source *source, uint32_t first, uint32_t last)
{
    return first + random_below(source, last - first + 1);
}

/* --- Operands --------------------------------------------------------------------------------- */

static uint32_t edge_value(struct random_source *source)
{
    static const uint32_t edges[] = {0,  1,          2,          4,          31,
                                     32, 0x7fffffff, 0x80000000, 0xffffffff, 0xfffffffe};
    return random_chance(source, 60) ? edges[random_below(source, sizeof edges / sizeof *edges)]
                                     : random_next(source);
}

static uint32_t any_source(struct random_source *source)
{
    return random_chance(source, 80) ? between(source, FIRST_PLAIN, LAST_PLAIN)
                                     : random_below(source, 32);
}

static uint32_t any_target(struct random_source *source)
{
    if (random_chance(source, 94)) {
        return between(source, FIRST_PLAIN, LAST_PLAIN);
    }
    return random_chance(source, 50) ? 0 : random_below(source, 32);
}

static uint32_t pointer(struct random_source *source)
{
    uint32_t choice = random_below(source, 100);
    if (choice < 80) {
        return between(source, FIRST_POINTER, LAST_POINTER);
    }
    if (choice < 86) {
        return SP;
    }
    if (choice < 92) {
        return CODE_POINTER;
    }
    return choice < 96 ? WINDOW_POINTER : choice < 98 ? WILD : random_below(source, 32);
}

/* Distance from a low address to one of its aliases. */
static uint32_t alias(struct random_source *source)
{
    return ALIASES + (random_below(source, ALIAS_SLOTS) << 22);
}

/* An immediate of 15 bits. */
static int32_t immediate(struct random_source *source)
{
    static const int32_t edges[] = {0, 1, -1, 4, -4, 2047, -2048, 16383, -16384};
    return random_chance(source, 50) ? edges[random_below(source, sizeof edges / sizeof *edges)]
                                     : (int32_t)random_below(source, 32768) - 16384;
}

/* An offset that keeps accesses of that many bytes aligned, mostly. */
static int32_t offset(struct random_source *source, uint32_t bytes)
{
    int32_t value = (int32_t)random_below(source, 512) - 128;
    return random_chance(source, 96) ? value * (int32_t)bytes : value;
}

/* --- Words by kind ---------------------------------------------------------------------------- */

static enum tg_insn_id choose(struct random_source *source, enum tg_insn_id first,
                              enum tg_insn_id last)
{
    return (enum tg_insn_id)between(source, first, last);
}

static uint32_t register_word(struct random_source *source)
{
    enum tg_insn_id id = choose(source, TG_INSN_ADD, TG_INSN_REMU);
    uint32_t target = any_target(source), left = any_source(source), right = any_source(source);
    return tg_word_r(id, target, left, right);
}

static uint32_t immediate_word(struct random_source *source)
{
    enum tg_insn_id id = choose(source, TG_INSN_ADDI, TG_INSN_SRAI);
    bool is_shift = tg_insn_info(id)->format == TG_FORMAT_H;
    int32_t value = is_shift ? (int32_t)random_below(source, 32) : immediate(source);
    uint32_t target = any_target(source), operand = any_source(source);
    return tg_word_i(id, target, operand, value);
}

static uint32_t upper_word(struct random_source *source)
{
    int32_t value = (int32_t)(edge_value(source) & 0xfffff000);
    uint32_t target = any_target(source);
    return tg_word_i(random_chance(source, 50) ? TG_INSN_LUI : TG_INSN_AUIPC, target, 0, value);
}

static uint32_t load_word(struct random_source *source)
{
    enum tg_insn_id id = choose(source, TG_INSN_LB, TG_INSN_LHU);
    uint32_t target = any_target(source), base = pointer(source);
    return tg_word_i(id, target, base, offset(source, tg_insn_info(id)->access_bytes));
}

static uint32_t store_word(struct random_source *source)
{
    if (random_chance(source, 10)) { /* code that writes code */
        uint32_t word = random_chance(source, 90) ? WORD : any_source(source);
        return tg_word_i(TG_INSN_SW, word, CODE_POINTER, offset(source, 4));
    }
    enum tg_insn_id id = choose(source, TG_INSN_SB, TG_INSN_SW);
    uint32_t value = any_source(source), base = pointer(source);
    return tg_word_i(id, value, base, offset(source, tg_insn_info(id)->access_bytes));
}

static uint32_t atomic_word(struct random_source *source)
{
    enum tg_insn_id id = choose(source, TG_INSN_LR_W, TG_INSN_AMOMAXU_W);
    uint32_t value = id == TG_INSN_LR_W ? 0 : any_source(source);
    uint32_t target = any_target(source), base = pointer(source);
    return tg_word_r(id, target, base, value);
}

/* Mostly forward: guests are to go through much code, not round in circles. */
static uint32_t jump_word(struct random_source *source)
{
    uint32_t choice = random_below(source, 100);
    int32_t distance = (int32_t)between(source, 1, 24) * 4;
    distance = random_chance(source, 6) ? -distance : distance;
    if (choice < 80) {
        enum tg_insn_id id = choose(source, TG_INSN_BEQ, TG_INSN_BGEU);
        uint32_t left = any_source(source), right = any_source(source);
        return tg_word_i(id, left, right, distance);
    }
    if (choice < 92) {
        return tg_word_i(TG_INSN_JAL, any_target(source), 0, distance);
    }
    distance = ((int32_t)random_below(source, CODE_BYTES / 4) - CODE_BYTES / 8) * 4;
    uint32_t base = random_chance(source, 95) ? CODE_POINTER : WILD;
    return tg_word_i(TG_INSN_JALR, any_target(source), base, distance);
}

static uint32_t creg_word(struct random_source *source)
{
    static const uint8_t numbers[] = {TG_CR_STATUS,   TG_CR_VBASE,    TG_CR_PTROOT, TG_CR_SP0,
                                      TG_CR_SP1,      TG_CR_SP2,      TG_CR_SPD,    TG_CR_IOMAP,
                                      TG_CR_CPU,      TG_CR_SCRATCH0, TG_CR_TIME,   TG_CR_TIMEH,
                                      TG_CR_SCRATCH3, TG_CR_INSNS,    TG_CR_INSNSH};
    uint32_t choice = random_below(source, 100);
    int32_t number = numbers[random_below(source, sizeof numbers)];
    if (choice < 50) {
        return tg_word_i(TG_INSN_RDCR, any_target(source), 0, number);
    }
    if (choice < 70) {
        return tg_word_i(TG_INSN_WRCR, 0, PTROOT_VALUE, TG_CR_PTROOT);
    }
    if (choice < 85) {
        return tg_word_i(TG_INSN_WRCR, 0, STATUS_VALUE, TG_CR_STATUS);
    }
    number = choice < 97 ? TG_CR_SCRATCH0 : number;
    uint32_t target = choice % 2 ? 0 : any_target(source), value = any_source(source);
    return tg_word_i(choice % 2 ? TG_INSN_WRCR : TG_INSN_SWCR, target, value, number);
}

static uint32_t tlbinv_word(struct random_source *source)
{
    uint32_t page = random_chance(source, 50) ? 0 : pointer(source);
    uint32_t space = random_chance(source, 50) ? 0 : PTROOT_VALUE;
    return tg_word_r(TG_INSN_TLBINV, 0, page, space);
}

static uint32_t system_word(struct random_source *source)
{
    switch (random_below(source, 12)) {
    case 0:
    case 1:
    case 2:
        return tg_word_i(TG_INSN_TRAP, 0, 0, (int32_t)random_below(source, 256));
    case 3:
        return tg_word_i(TG_INSN_IRET, 0, 0, 0);
    case 4:
        return tg_word_i(TG_INSN_BRK, 0, 0, 0);
    case 5:
        return tg_word_i(TG_INSN_WFI, 0, 0, 0);
    case 6:
        return tg_word_i(TG_INSN_CLI, any_target(source), 0, 0);
    case 7:
        return tg_word_i(TG_INSN_STI, 0, 0, 0);
    case 8:
        return tlbinv_word(source);
    case 9:
        return tg_word_i(TG_INSN_FENCE, 0, 0, 0);
    default:
        return creg_word(source);
    }
}

/* The number of register rows of all devices. */
static uint32_t register_rows(void)
{
    uint32_t count = 0;
    while (tg_bus_register(count) != NULL) {
        count++;
    }
    return count;
}

static uint32_t port_word(struct random_source *source)
{
    static const enum tg_insn_id in[] = {TG_INSN_INB, TG_INSN_INH, TG_INSN_INW};
    static const enum tg_insn_id out[] = {TG_INSN_OUTB, TG_INSN_OUTH, TG_INSN_OUTW};
    const struct tg_port_register *row = tg_bus_register(random_below(source, register_rows()));
    bool ends_machine = row->port == TG_PORT_SYSTEM_POWER || row->port == TG_PORT_DEBUG_EXIT ||
                        row->port == TG_PORT_DEBUG_PANIC || row->port == TG_PORT_DEBUG_BREAK;
    bool is_write = random_chance(source, 60) && (!ends_machine || random_chance(source, 2));
    uint32_t port = row->port + row->bytes * random_below(source, row->count);
    uint32_t width = row->bytes == 1 ? 0 : row->bytes == 2 ? 1 : 2;
    if (random_chance(source, 5)) {
        port = random_below(source, 0x400);
        width = random_below(source, 3);
    }
    uint32_t value = random_chance(source, 30) ? pointer(source) : any_source(source);
    return is_write ? tg_word_i(out[width], value, 0, (int32_t)port)
                    : tg_word_i(in[width], any_target(source), 0, (int32_t)port);
}

/* Puts a good value back into a register with a part to play. */
static uint32_t repair_word(struct random_source *source)
{
    uint32_t target = between(source, FIRST_POINTER, CODE_POINTER);
    uint32_t base = target == CODE_POINTER ? CODE + random_below(source, 3) * TG_PAGE_BYTES
                                           : DATA + random_below(source, 11) * TG_PAGE_BYTES;
    if (random_chance(source, 40)) {
        base += alias(source);
    }
    return tg_word_i(TG_INSN_LUI, target, 0, (int32_t)base);
}

uint32_t random_word(struct random_source *source)
{
    static const struct {
        uint32_t weight;
        uint32_t (*word)(struct random_source *source);
    } kinds[] = {{22, register_word}, {22, immediate_word}, {3, upper_word}, {12, load_word},
                 {12, store_word},    {4, atomic_word},     {12, jump_word}, {5, system_word},
                 {4, port_word},      {3, repair_word},     {1, random_next}};
    uint32_t choice = random_below(source, 100);
    for (uint32_t i = 0;; i++) {
        if (choice < kinds[i].weight) {
            return kinds[i].word(source);
        }
        choice -= kinds[i].weight;
    }
}

/* --- The guest's memory ----------------------------------------------------------------------- */

static void put(struct tg_machine *machine, uint32_t paddr, uint32_t word)
{
    uint8_t bytes[4] = {(uint8_t)word, (uint8_t)(word >> 8), (uint8_t)(word >> 16),
                        (uint8_t)(word >> 24)};
    tg_ram_write(machine, paddr, bytes, sizeof bytes);
}

static void put_gates(struct tg_machine *machine, struct random_source *source)
{
    for (uint32_t vector = 0; vector < TG_GATE_COUNT; vector++) {
        bool is_interrupt =
            vector >= TG_VECTOR_INTERRUPT && vector < TG_VECTOR_INTERRUPT + TG_INTERRUPT_SOURCES;
        uint32_t index = random_below(source, HANDLER_COUNT);
        index = is_interrupt ? index & ~3u : vector < TG_VECTOR_INTERRUPT ? index | 1 : index;
        uint32_t handler = HANDLERS + index * HANDLER_BYTES;
        uint32_t flags = TG_GATE_PRESENT | random_below(source, 4) << TG_GATE_RAISE_SHIFT;
        if (random_chance(source, 60)) {
            flags |= 3 << TG_GATE_RAISE_SHIFT;
        }
        if (random_chance(source, 70)) {
            flags |= TG_GATE_CLOSE;
        }
        if (vector >= 64 && random_chance(source, 30)) {
            flags |=
                random_below(source, 4); /* target ring: 0 where a double fault would be the rule */
        }
        if (random_chance(source, 2)) {
            flags = random_next(source);
            handler = random_next(source);
        }
        put(machine, VECTORS + vector * TG_GATE_BYTES, handler);
        put(machine, VECTORS + vector * TG_GATE_BYTES + 4, flags);
    }
}

/* A handler that makes the saved pc go on in the code area, now and then in another ring. */
static void put_resuming_handler(struct tg_machine *machine, struct random_source *source,
                                 uint32_t paddr)
{
    const uint32_t pc = FIRST_PLAIN, base = FIRST_PLAIN + 1;
    int32_t distance = random_chance(source, 60) ? 4 : 256;
    int32_t ring = (int32_t)random_below(source, 4);
    uint32_t words[] = {
        tg_word_i(TG_INSN_LW, pc, SP, TG_FRAME_PC),
        tg_word_i(TG_INSN_ADDI, pc, pc, distance),
        tg_word_i(TG_INSN_ANDI, pc, pc, CODE_BYTES - 4),
        tg_word_i(TG_INSN_LUI, base, 0, CODE),
        tg_word_r(TG_INSN_OR, pc, pc, base),
        tg_word_i(TG_INSN_SW, pc, SP, TG_FRAME_PC),
        tg_word_i(TG_INSN_LW, pc, SP, TG_FRAME_STATUS),
        tg_word_i(TG_INSN_ORI, pc, pc, ring),
        tg_word_i(TG_INSN_SW, pc, SP, TG_FRAME_STATUS),
        tg_word_i(TG_INSN_IRET, 0, 0, 0),
    };
    uint32_t count = sizeof words / sizeof *words;
    bool changes_ring = random_chance(source, 40);
    for (uint32_t i = 0; i < count; i++) {
        bool is_left_out = !changes_ring && i >= count - 4 && i < count - 1;
        put(machine, paddr + 4 * i, is_left_out ? tg_word_i(TG_INSN_FENCE, 0, 0, 0) : words[i]);
    }
}

/* A handler that ends the service of a random source and returns to where it came from. */
static void put_interrupt_handler(struct tg_machine *machine, struct random_source *source,
                                  uint32_t paddr)
{
    const uint32_t number = FIRST_PLAIN;
    uint32_t words[] = {
        tg_word_i(TG_INSN_LW, number, SP, TG_FRAME_VECTOR),
        tg_word_i(TG_INSN_ANDI, number, number, 31),
        tg_word_i(TG_INSN_OUTW, number, 0, TG_PORT_INTERRUPTS_END),
        tg_word_i(TG_INSN_OUTW, 0, 0, TG_PORT_TIMER_ACKNOWLEDGE),
        random_word(source),
        tg_word_i(TG_INSN_IRET, 0, 0, 0),
    };
    for (uint32_t i = 0; i < sizeof words / sizeof *words; i++) {
        put(machine, paddr + 4 * i, words[i]);
    }
}

static void put_handlers(struct tg_machine *machine, struct random_source *source)
{
    for (uint32_t i = 0; i < HANDLER_COUNT; i++) {
        uint32_t paddr = HANDLERS + i * HANDLER_BYTES;
        if (i % 4 == 0) {
            put_interrupt_handler(machine, source, paddr);
        } else if (random_chance(source, 90)) {
            put_resuming_handler(machine, source, paddr);
        } else {
            for (uint32_t at = 0; at < HANDLER_BYTES; at += 4) {
                put(machine, paddr + at, random_word(source));
            }
        }
    }
}

static uint32_t table_entry(struct random_source *source, uint32_t page)
{
    uint32_t paddr = page << TG_PAGE_SHIFT;
    uint32_t all = TG_PTE_PRESENT | TG_PTE_READ | TG_PTE_WRITE | TG_PTE_EXECUTE | TG_PTE_RING;
    if (paddr < CODE) { /* tables and handlers: the kernel's, so that entries work */
        return paddr | (all & ~TG_PTE_RING) | (random_chance(source, 20) ? TG_PTE_RING : 0);
    }
    uint32_t flags = all | (random_next(source) & (TG_PTE_ACCESSED | TG_PTE_DIRTY));
    if (random_chance(source, 10)) {
        flags |= TG_PTE_GLOBAL;
    }
    if (random_chance(source, paddr < DATA ? 8 : paddr < STACKS ? 25 : 5)) {
        flags ^= 1u << random_below(source, 6); /* one permission less, or another ring */
    }
    return paddr | flags;
}

static uint32_t alias_entry(struct random_source *source)
{
    uint32_t choice = random_below(source, 100);
    uint32_t page = random_below(source, RANDOM_GUEST_RAM_BYTES >> TG_PAGE_SHIFT);
    if (choice >= 90) {
        page = choice < 96 ? UINT32_C(0xf0000) : random_next(source) >> TG_PAGE_SHIFT;
    }
    return (table_entry(source, page) & ~TG_PTE_PAGE) | page << TG_PAGE_SHIFT | TG_PTE_RING;
}

static void put_space(struct tg_machine *machine, struct random_source *source, uint32_t directory)
{
    uint32_t low = directory + TG_PAGE_BYTES, aliases = low + TG_PAGE_BYTES;
    put(machine, directory, low | TG_PTE_PRESENT);
    for (uint32_t slot = 0; slot < ALIAS_SLOTS; slot++) {
        put(machine, directory + 4 * ((ALIASES >> 22) + slot), aliases | TG_PTE_PRESENT);
    }
    uint32_t entry = random_chance(source, 50) ? random_next(source) : low | TG_PTE_PRESENT;
    put(machine, directory + 4 * random_below(source, 1024), entry);
    for (uint32_t page = 0; page < RANDOM_GUEST_RAM_BYTES >> TG_PAGE_SHIFT; page++) {
        put(machine, low + 4 * page, table_entry(source, page));
        put(machine, aliases + 4 * page, alias_entry(source));
    }
    put(machine, directory, low | TG_PTE_PRESENT);
}

static void put_memory(struct tg_machine *machine, struct random_source *source)
{
    put_gates(machine, source);
    for (uint32_t at = 0; at < TG_IOMAP_BYTES; at += 4) {
        put(machine, BITMAP + at, random_chance(source, 50) ? UINT32_MAX : 0);
    }
    for (uint32_t i = 0; i < SPACE_COUNT; i++) {
        put_space(machine, source, SPACES + i * SPACE_BYTES);
    }
    put_handlers(machine, source);
    for (uint32_t at = 0; at < CODE_BYTES; at += 4) {
        put(machine, CODE + at, random_word(source));
    }
    for (uint32_t at = 0; at < DATA_BYTES; at += 64) {
        put(machine, DATA + at, edge_value(source));
    }
}

/* Words at pc that let interrupts of the timer, the keyboard, the disk and other CPUs through. */
static void put_start(struct tg_machine *machine, struct random_source *source, uint32_t pc)
{
    const uint32_t value = FIRST_PLAIN;
    static const uint8_t sources[] = {0, 1, 2, 4, 5, 14};
    for (uint32_t i = 0; i < sizeof sources; i++) {
        int32_t port = TG_PORT_INTERRUPTS_SOURCE + 4 * sources[i];
        put(machine, pc, tg_word_i(TG_INSN_ADDI, value, 0, (int32_t)between(source, 1, 7)));
        put(machine, pc + 4, tg_word_i(TG_INSN_OUTW, value, 0, port));
        pc += 8;
    }
    put(machine, pc, tg_word_i(TG_INSN_ADDI, value, 0, -1));
    put(machine, pc + 4, tg_word_i(TG_INSN_OUTW, value, 0, TG_PORT_INTERRUPTS_ENABLE));
    put(machine, pc + 8, tg_word_i(TG_INSN_ADDI, value, 0, (int32_t)between(source, 50, 2000)));
    put(machine, pc + 12, tg_word_i(TG_INSN_OUTW, value, 0, TG_PORT_TIMER_PERIOD));
}

/* --- The guest's CPUs ------------------------------------------------------------------------- */

static void set_registers(struct tg_cpu_state *s, struct random_source *source)
{
    for (uint32_t i = 1; i < 32; i++) {
        s->x[i] = edge_value(source);
    }
    for (uint32_t i = FIRST_POINTER; i <= LAST_POINTER; i++) {
        s->x[i] = DATA + 512 + 4 * random_below(source, DATA_BYTES / 4 - 1024);
        s->x[i] += random_chance(source, 40) ? alias(source) : 0;
    }
    s->x[CODE_POINTER] = CODE + 512 + 4 * random_below(source, CODE_BYTES / 4 - 512);
    s->x[WORD] = random_word(source);
    s->x[PTROOT_VALUE] = SPACES + random_below(source, SPACE_COUNT) * SPACE_BYTES;
    s->x[PTROOT_VALUE] |= TG_PTROOT_ENABLE | random_below(source, 3);
    s->x[STATUS_VALUE] = random_next(source) & TG_STATUS_VALID;
    s->x[WINDOW_POINTER] = UINT32_C(0xf0000000) + 4 * random_below(source, 1000);
}

static void set_cpu(struct tg_machine *machine, struct random_source *source, uint32_t number)
{
    struct tg_cpu_state *s = &machine->cpus[number].s;
    uint32_t stacks = STACKS + number * 4 * TG_PAGE_BYTES; /* rings 0 to 2, double fault */
    set_registers(s, source);
    s->pc = CODE + 4 * random_below(source, CODE_BYTES / 4 - 64);
    put_start(machine, source, s->pc);
    s->x[SP] = stacks + TG_PAGE_BYTES;
    for (uint32_t ring = 0; ring < 3; ring++) {
        s->sp_of_ring[ring] = stacks + (ring + 1) * TG_PAGE_BYTES;
    }
    s->spd = stacks + 4 * TG_PAGE_BYTES;
    s->vbase = VECTORS;
    s->iomap = BITMAP | random_below(source, 2);
    s->status = random_chance(source, 60) ? TG_STATUS_IOPL | TG_STATUS_IE : 0;
    s->status |= random_chance(source, 50) ? random_below(source, 4) : 0;
    s->ptroot = random_chance(source, 75) ? s->x[PTROOT_VALUE] : 0;
    s->run_state = number == 0 || random_chance(source, 80) ? TG_CPU_RUNNING : TG_CPU_PARKED;
}

/* --- The guest -------------------------------------------------------------------------------- */

struct tg_config random_guest_config(struct random_source *source, const char *engine,
                                     uint32_t max_cpus)
{
    struct tg_config config = {.engine = engine, .ram_bytes = RANDOM_GUEST_RAM_BYTES};
    config.cpus = between(source, 1, max_cpus);
    config.quantum = random_chance(source, 30) ? between(source, 1, 200) : 0;
    config.seed = random_next(source);
    return config;
}

void random_guest_load(struct tg_machine *machine, struct random_source *source)
{
    uint8_t disk[16 * 512];
    for (uint32_t i = 0; i < sizeof disk; i++) {
        disk[i] = (uint8_t)(i * 7 + i / 512);
    }
    tg_bus_disk_attach(machine, disk, sizeof disk);
    put_memory(machine, source);
    for (uint32_t i = 0; i < machine->config.cpus; i++) {
        set_cpu(machine, source, i);
    }
    machine->engine->state_changed(machine->engine_caches, NULL);
}
