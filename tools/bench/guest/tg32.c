/*
 * The C half of tg32.S: gates and page tables before the program, the report after it. Compiled for
 * riscv32; custom words stand for TG32's own instructions (docs/isa.md section 11).
 */
#include "bench/guest/tg32.h"
#include "isa/isa.h"

enum { TABLE_ENTRIES = 1024, TABLES = 8 /* a table maps 4 MiB */, VECTORS_OF_EXCEPTIONS = 9 };

struct page_table {
    _Alignas(TG_PAGE_BYTES) uint32_t entries[TABLE_ENTRIES];
};

struct gate {
    uint32_t handler, rights;
};

uint32_t build_gates(void);
uint32_t build_page_tables(void);
void begin_counting(void);
_Noreturn void finish(uint32_t sum);
_Noreturn void explain(const uint32_t *frame);

/* tg32.S */
void on_timer(void);
void on_end(void);
void on_fault(void);

extern const uint8_t text_end[]; /* tg32.ld */

uint32_t ticks;

static _Alignas(TG_PAGE_BYTES) struct gate gates[TG_GATE_COUNT];
static struct page_table directory, tables[TABLES];
static uint64_t insns_at_start;

static void set_gate(uint32_t vector, void (*handler)(void), uint32_t least_privileged)
{
    gates[vector].handler = (uint32_t)handler;
    gates[vector].rights =
        TG_GATE_PRESENT | TG_GATE_CLOSE | least_privileged << TG_GATE_RAISE_SHIFT;
}

/* Returns the vector table's address. */
uint32_t build_gates(void)
{
    for (uint32_t vector = 0; vector < VECTORS_OF_EXCEPTIONS; vector++)
        set_gate(vector, on_fault, 0);
    set_gate(VECTOR_TIMER, on_timer, 0);
    set_gate(VECTOR_END, on_end, 3);
    return (uint32_t)gates;
}

/* Maps the first 32 MiB of memory to themselves for all rings; returns what goes into ptroot. */
uint32_t build_page_tables(void)
{
    for (uint32_t i = 0; i < TABLES; i++)
        directory.entries[i] = (uint32_t)&tables[i] | TG_PTE_PRESENT;
    for (uint32_t page = 0; page < TABLES * TABLE_ENTRIES; page++) {
        uint32_t address = page << TG_PAGE_SHIFT;
        uint32_t rights = address < (uint32_t)text_end ? TG_PTE_EXECUTE : TG_PTE_WRITE;

        tables[page / TABLE_ENTRIES].entries[page % TABLE_ENTRIES] =
            address | TG_PTE_PRESENT | TG_PTE_READ | TG_PTE_RING | rights;
    }
    return (uint32_t)&directory | TG_PTROOT_ENABLE | 1; /* address space 1 */
}

static uint64_t count_insns(void)
{
    uint32_t low, high;

    __asm__ volatile(".insn i 0x2b, 1, %0, x0, %1" : "=r"(high) : "i"(CREG_INSNSH));
    __asm__ volatile(".insn i 0x2b, 1, %0, x0, %1" : "=r"(low) : "i"(CREG_INSNS));
    /* A low word that has just begun again belongs to the next high word. */
    if (low < 16)
        __asm__ volatile(".insn i 0x2b, 1, %0, x0, %1" : "=r"(high) : "i"(CREG_INSNSH));
    return (uint64_t)high << 32 | low;
}

void begin_counting(void)
{
    insns_at_start = count_insns();
}

void put_byte(uint8_t byte)
{
    __asm__ volatile(".insn i 0x5b, 4, %0, x0, %1" : : "r"(byte), "i"(PORT_DEBUG_CHARACTER));
}

/* Switches the machine off. */
static _Noreturn void leave(uint32_t status)
{
    __asm__ volatile(".insn i 0x5b, 6, %0, x0, %1" : : "r"(status), "i"(PORT_DEBUG_EXIT));
    for (;;)
        continue;
}

void finish(uint32_t sum)
{
    uint64_t insns = count_insns() - insns_at_start;

    report(sum, ticks, insns);
    leave(sum == BENCH_WRONG);
}

void explain(const uint32_t *frame)
{
    print_hex("vector", frame[TG_FRAME_VECTOR / 4]);
    print_hex("error", frame[TG_FRAME_ERROR / 4]);
    print_hex("address", frame[TG_FRAME_ADDRESS / 4]);
    print_hex("pc", frame[TG_FRAME_PC / 4]);
    leave(1);
}
