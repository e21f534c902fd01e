/*
 * The C half of qemu.S: page tables before the program, the report after it.
 */
#include "bench/guest/guest.h"

enum {
    PAGE_BYTES = 4096,
    PAGE_SHIFT = 12,
    TABLE_ENTRIES = 1024,
    TABLE_SHIFT = 22, /* one second-level table maps 4 MiB */
    TABLES = 8,

    PTE_VALID = 1 << 0,
    PTE_READ = 1 << 1,
    PTE_WRITE = 1 << 2,
    PTE_EXECUTE = 1 << 3,
    PTE_USER = 1 << 4,
    PTE_ACCESSED = 1 << 6,
    PTE_DIRTY = 1 << 7,
    PTE_NUMBER_SHIFT = 10,

    CAUSE_USER_ECALL = 8
};

#define SATP_SV32   0x80000000u
#define UART_DATA   ((volatile uint8_t *)0x10000000)
#define TEST_DEVICE ((volatile uint32_t *)0x00100000)
#define TEST_PASS   0x5555u
#define TEST_FAIL   0x13333u /* exit status 1 */

struct page_table {
    _Alignas(PAGE_BYTES) uint32_t entries[TABLE_ENTRIES];
};

uint32_t build_page_tables(void);
_Noreturn void finish(uint32_t sum, uint32_t cause, uint64_t insns, uint32_t pc);

extern const uint8_t image_start[], text_end[];

uint64_t insns_at_start;
uint32_t ticks;

static struct page_table root, tables[TABLES];

/* Maps the first 32 MiB of memory to themselves; returns what goes into satp. */
uint32_t build_page_tables(void)
{
    uint32_t first = (uint32_t)image_start >> PAGE_SHIFT;

    for (uint32_t i = 0; i < TABLES; i++)
        root.entries[(first >> 10) + i] =
            ((uint32_t)&tables[i] >> PAGE_SHIFT << PTE_NUMBER_SHIFT) | PTE_VALID;
    for (uint32_t i = 0; i < TABLES * TABLE_ENTRIES; i++) {
        uint32_t page = first + i;
        uint32_t rights =
            page << PAGE_SHIFT < (uint32_t)text_end ? PTE_EXECUTE : PTE_WRITE | PTE_DIRTY;

        tables[i / TABLE_ENTRIES].entries[i % TABLE_ENTRIES] =
            page << PTE_NUMBER_SHIFT | PTE_VALID | PTE_READ | PTE_USER | PTE_ACCESSED | rights;
    }
    return SATP_SV32 | (uint32_t)&root >> PAGE_SHIFT;
}

void put_byte(uint8_t byte)
{
    *UART_DATA = byte;
}

/* insns: the counter now. It counts instructions only under -icount; otherwise QEMU returns host
 * time. */
void finish(uint32_t sum, uint32_t cause, uint64_t insns, uint32_t pc)
{
    if (cause != CAUSE_USER_ECALL) {
        print_hex("trap", cause);
        print_hex("pc", pc);
        *TEST_DEVICE = TEST_FAIL;
    }
    report(sum, ticks, insns - insns_at_start);
    *TEST_DEVICE = sum == BENCH_WRONG ? TEST_FAIL : TEST_PASS;
    for (;;)
        continue;
}
