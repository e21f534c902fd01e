/* Tests of the disk (emu/devices/disk.c) and of its contents (disk_contents.c). */
#include <stdlib.h>
#include <string.h>

#include "core/digest.h"
#include "core/ram.h"
#include "support/rig.h"

#define SECTOR     512u
#define BLOCK      4096u
#define DISK_BYTES (3 * BLOCK + 3 * SECTOR) /* ends within a block */
#define SECTORS    (DISK_BYTES / SECTOR)
#define LATENCY    10000u
#define PER_SECTOR 500u

enum { READ = 1, WRITE = 2, FLUSH = 3 };

static uint8_t image[DISK_BYTES];

static void fill(uint8_t *bytes, size_t count, uint32_t seed)
{
    for (size_t i = 0; i < count; i++)
        bytes[i] = (uint8_t)(i * 7 + i / 256 + seed);
}

static void attach(void)
{
    fill(image, sizeof image, 1);
    ck_assert_int_eq(tg_bus_disk_attach(rig.machine, image, sizeof image), TG_OK);
}

static uint32_t status(void)
{
    uint32_t value = rig_in(TG_PORT_DISK_STATUS);
    ck_assert_int_eq(rig_is_asserted(TG_SOURCE_DISK), TG_GET(DISK_STATUS_DONE, value));
    return value;
}

static void begin(uint32_t command, uint32_t sector, uint32_t count, uint32_t paddr)
{
    rig_out(TG_PORT_DISK_SECTOR, sector);
    rig_out(TG_PORT_DISK_COUNT, count);
    rig_out(TG_PORT_DISK_ADDRESS, paddr);
    rig_out(TG_PORT_DISK_COMMAND, command);
}

/* Carries a command out and returns its error. */
static uint32_t run(uint32_t command, uint32_t sector, uint32_t count, uint32_t paddr)
{
    begin(command, sector, count, paddr);
    ck_assert(TG_GET(DISK_STATUS_BUSY, status()));
    rig_pass(LATENCY + 256 * PER_SECTOR);
    uint32_t value = status();
    ck_assert(!TG_GET(DISK_STATUS_BUSY, value));
    ck_assert(TG_GET(DISK_STATUS_DONE, value));
    return TG_GET(DISK_STATUS_ERROR, value);
}

static void check_disk(uint64_t offset, const void *bytes, size_t count)
{
    static uint8_t found[DISK_BYTES];
    ck_assert(tg_bus_disk_read(rig.machine, offset, found, count));
    ck_assert_mem_eq(found, bytes, count);
}

/* rules: DEV-DSK-3, DEV-DSK-4, DEV-DSK-6 */
START_TEST(a_read_copies_sectors_into_ram)
{
    attach();
    ck_assert_uint_eq(rig_in(TG_PORT_DISK_CAPACITY), SECTORS);
    ck_assert_uint_eq(status(), TG_MASK(DISK_STATUS_PRESENT));
    ck_assert_uint_eq(run(READ, 5, 6, 0x2001), 0); /* over a block's end, to an odd address */
    uint8_t found[6 * SECTOR + 2];
    ck_assert(tg_ram_read(rig.machine, 0x2000, found, sizeof found));
    ck_assert_mem_eq(found + 1, image + 5 * SECTOR, 6 * SECTOR);
    ck_assert_uint_eq(found[0], 0);
    ck_assert_uint_eq(found[sizeof found - 1], 0);
    rig_out(TG_PORT_DISK_STATUS, TG_MASK(DISK_STATUS_DONE));
    ck_assert_uint_eq(status(), TG_MASK(DISK_STATUS_PRESENT));
}
END_TEST

/* rules: DEV-DSK-4, DEV-DSK-5 */
START_TEST(a_write_changes_just_its_sectors)
{
    attach();
    uint8_t data[3 * SECTOR];
    fill(data, sizeof data, 99);
    ck_assert(tg_ram_write(rig.machine, 0x3000, data, sizeof data));
    ck_assert_uint_eq(run(WRITE, 7, 3, 0x3000), 0);
    check_disk(0, image, 7 * SECTOR);
    check_disk(7 * SECTOR, data, sizeof data);
    check_disk(10 * SECTOR, image + 10 * SECTOR, DISK_BYTES - 10 * SECTOR);
    ck_assert_uint_eq(run(READ, 7, 3, 0x8000), 0);
    uint8_t back[sizeof data];
    ck_assert(tg_ram_read(rig.machine, 0x8000, back, sizeof back));
    ck_assert_mem_eq(back, data, sizeof data);
}
END_TEST

/* rules: DEV-DSK-3, DEV-BUS-5 */
START_TEST(a_command_takes_its_time_and_moves_nothing_before)
{
    attach();
    for (uint32_t count = 1; count <= SECTORS; count += 13) {
        begin(READ, 0, count, 0x4000);
        rig_pass(LATENCY + count * PER_SECTOR - 1);
        ck_assert_uint_eq(status(), TG_MASK(DISK_STATUS_PRESENT) | TG_MASK(DISK_STATUS_BUSY));
        ck_assert_uint_eq(tg_ram_load(rig.machine, 0x4000 + (count - 1) * SECTOR, 4), 0);
        rig_pass(1);
        ck_assert_uint_eq(status(), TG_MASK(DISK_STATUS_PRESENT) | TG_MASK(DISK_STATUS_DONE));
        ck_assert_uint_ne(tg_ram_load(rig.machine, 0x4000 + (count - 1) * SECTOR, 4), 0);
    }
    static const uint32_t without_data[][2] = {
        {FLUSH, 5}, {0, 5}, {READ, 257}, {WRITE, UINT32_MAX}};
    for (size_t i = 0; i < 4; i++) {
        begin(without_data[i][0], 0, without_data[i][1], 0x4000);
        rig_pass(LATENCY - 1);
        ck_assert(TG_GET(DISK_STATUS_BUSY, status()));
        rig_pass(1);
        ck_assert(!TG_GET(DISK_STATUS_BUSY, status()));
    }
}
END_TEST

/* rules: DEV-DSK-3. What is written is what RAM holds at the end. */
START_TEST(a_write_takes_the_data_at_its_completion)
{
    attach();
    begin(WRITE, 0, 1, 0x3000);
    rig_pass(LATENCY);
    tg_ram_store(rig.machine, 0x3000, 4, 0x64636261);
    rig_pass(PER_SECTOR);
    check_disk(0, "abcd", 4);
}
END_TEST

/* rules: DEV-DSK-4, DEV-BUS-7 */
START_TEST(commands_that_cannot_be_carried_out_change_nothing)
{
    static const struct {
        uint32_t command, sector, count, paddr, error;
    } cases[] = {
        {0, 0, 1, 0x2000, 2},
        {4, 0, 1, 0x2000, 2},
        {UINT32_MAX, 0, 0, UINT32_MAX, 2},
        {READ, 0, 0, 0x2000, 3},
        {WRITE, 0, 257, 0x2000, 3},
        {READ, UINT32_MAX, UINT32_MAX, UINT32_MAX, 3},
        {READ, SECTORS, 1, 0x2000, 4},
        {WRITE, SECTORS - 1, 2, 0x2000, 4},
        {READ, UINT32_MAX, 1, 0x2000, 4},
        {WRITE, UINT32_MAX, 2, 0x2000, 4},
        {READ, 0, 256, 0xf0000000, 4},
        {READ, 0, 1, RIG_RAM_BYTES - SECTOR + 1, 5},
        {READ, 0, 1, RIG_RAM_BYTES, 5},
        {WRITE, 0, 2, RIG_RAM_BYTES - SECTOR, 5},
        {READ, 0, 1, 0xf0000000, 5},
        {READ, 0, 2, 0u - SECTOR, 5},
        {WRITE, 0, 2, UINT32_MAX, 5},
    };
    static uint8_t before[RIG_RAM_BYTES], after[RIG_RAM_BYTES];
    attach();
    fill(before, sizeof before, 3);
    ck_assert(tg_ram_write(rig.machine, 0, before, sizeof before));
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ck_assert_uint_eq(run(cases[i].command, cases[i].sector, cases[i].count, cases[i].paddr),
                          cases[i].error);
        ck_assert(tg_ram_read(rig.machine, 0, after, sizeof after));
        ck_assert_mem_eq(before, after, sizeof before);
        check_disk(0, image, sizeof image);
    }
    ck_assert_uint_eq(run(READ, SECTORS - 1, 1, RIG_RAM_BYTES - SECTOR), 0); /* the last of both */
}
END_TEST

/* rules: DEV-DSK-5 */
START_TEST(without_a_disk_every_command_fails)
{
    for (uint32_t command = 0; command < 5; command++)
        ck_assert_uint_eq(run(command, 0, 1, 0x2000), 1);
    ck_assert_uint_eq(status(), TG_MASK(DISK_STATUS_DONE) | TG_PUT(DISK_STATUS_ERROR, 1));
    ck_assert_uint_eq(rig_in(TG_PORT_DISK_CAPACITY), 0);
    attach();
    ck_assert_uint_eq(run(FLUSH, UINT32_MAX, UINT32_MAX, UINT32_MAX), 0);
}
END_TEST

/* rules: DEV-DSK-1, DEV-DSK-2, DEV-BUS-3 */
START_TEST(a_busy_disk_refuses_commands_but_takes_registers)
{
    attach();
    begin(READ, 0, 1, 0x2000);
    begin(WRITE, 9, 2, 0x4000);
    ck_assert(TG_GET(DISK_STATUS_REFUSED, status()));
    rig_out(TG_PORT_DISK_STATUS, TG_MASK(DISK_STATUS_DONE));
    ck_assert(TG_GET(DISK_STATUS_REFUSED, status()));
    rig_out(TG_PORT_DISK_STATUS, TG_MASK(DISK_STATUS_REFUSED));
    ck_assert(!TG_GET(DISK_STATUS_REFUSED, status()));
    ck_assert_uint_eq(rig_in(TG_PORT_DISK_SECTOR), 9);
    ck_assert_uint_eq(rig_in(TG_PORT_DISK_COUNT), 2);
    ck_assert_uint_eq(rig_in(TG_PORT_DISK_ADDRESS), 0x4000);
    rig_pass(LATENCY + PER_SECTOR);
    uint8_t found[SECTOR];
    ck_assert(tg_ram_read(rig.machine, 0x2000, found, sizeof found));
    ck_assert_mem_eq(found, image, sizeof found);
    check_disk(0, image, sizeof image);
}
END_TEST

/* rules: DEV-DSK-1 */
START_TEST(a_new_command_clears_done_and_error)
{
    attach();
    ck_assert_uint_eq(run(READ, SECTORS, 1, 0), 4);
    begin(READ, 0, 1, 0x2000);
    ck_assert_uint_eq(status(), TG_MASK(DISK_STATUS_PRESENT) | TG_MASK(DISK_STATUS_BUSY));
}
END_TEST

/* rules: DEV-DSK-7 */
START_TEST(a_reset_forgets_the_command_and_keeps_the_contents)
{
    attach();
    tg_ram_store(rig.machine, 0x2000, 4, 0x64636261);
    ck_assert_uint_eq(run(WRITE, 1, 1, 0x2000), 0);
    begin(WRITE, 0, 1, 0x2000);
    tg_machine_reset(rig.machine);
    rig_pass(LATENCY + PER_SECTOR);
    ck_assert_uint_eq(status(), TG_MASK(DISK_STATUS_PRESENT));
    check_disk(0, image, SECTOR);
    check_disk(SECTOR, "abcd", 4);
}
END_TEST

/* --- Contents -------------------------------------------------------------------------------- */

START_TEST(images_of_odd_size_are_refused_and_the_disk_stays)
{
    attach();
    ck_assert_int_eq(tg_bus_disk_attach(rig.machine, image, 511), TG_E_FORMAT);
    ck_assert_int_eq(tg_bus_disk_attach(rig.machine, image, 513), TG_E_FORMAT);
    ck_assert_int_eq(tg_bus_disk_attach(rig.machine, image, UINT64_MAX - 511), TG_E_FORMAT);
    check_disk(0, image, sizeof image);
    ck_assert_int_eq(tg_bus_disk_attach(rig.machine, NULL, 0), TG_OK);
    ck_assert_uint_eq(status(), 0);
}
END_TEST

START_TEST(changed_blocks_are_listed_in_order_and_the_base_stays)
{
    attach();
    uint64_t block = 0, size;
    const uint8_t *bytes;
    ck_assert(!tg_bus_disk_next_change(rig.machine, &block, &bytes));
    ck_assert(tg_bus_disk_write(rig.machine, 3 * BLOCK + 5, "end", 3));
    ck_assert(tg_bus_disk_write(rig.machine, 2 * BLOCK - 1, "xy", 2));
    static const uint64_t expected[] = {1, 2, 3};
    for (size_t i = 0; i < 3; i++, block++) {
        ck_assert(tg_bus_disk_next_change(rig.machine, &block, &bytes));
        ck_assert_uint_eq(block, expected[i]);
        if (i == 0)
            ck_assert_uint_eq(bytes[BLOCK - 1], 'x');
    }
    for (uint32_t i = DISK_BYTES % BLOCK; i < BLOCK; i++)
        ck_assert_uint_eq(bytes[i], 0);
    ck_assert(!tg_bus_disk_next_change(rig.machine, &block, &bytes));
    ck_assert_mem_eq(tg_bus_disk_base(rig.machine, &size), image, sizeof image);
    ck_assert_uint_eq(size, sizeof image);
    tg_bus_disk_discard_changes(rig.machine);
    check_disk(0, image, sizeof image);
    block = 0;
    ck_assert(!tg_bus_disk_next_change(rig.machine, &block, &bytes));
}
END_TEST

START_TEST(a_write_changes_no_block_that_it_does_not_touch)
{
    static const uint64_t writes[][3] = {/* offset, count, blocks */
                                         {0, BLOCK, 1},     {0, BLOCK + 1, 2},
                                         {BLOCK - 1, 1, 1}, {BLOCK - 1, 2, 2},
                                         {BLOCK, BLOCK, 1}, {BLOCK, BLOCK - 1, 1}};
    static const uint8_t zeros[2 * BLOCK];
    for (size_t i = 0; i < sizeof writes / sizeof writes[0]; i++) {
        attach();
        ck_assert(tg_bus_disk_write(rig.machine, writes[i][0], zeros, writes[i][1]));
        uint64_t block = 0, count = 0;
        const uint8_t *bytes;
        for (; tg_bus_disk_next_change(rig.machine, &block, &bytes); block++)
            count++;
        ck_assert_uint_eq(count, writes[i][2]);
    }
}
END_TEST

START_TEST(blocks_can_be_set_as_they_were_listed)
{
    attach();
    uint8_t block[BLOCK];
    memset(block, 0xab, sizeof block);
    ck_assert(tg_bus_disk_set_block(rig.machine, 3, block)); /* only 3 sectors of it exist */
    ck_assert(!tg_bus_disk_set_block(rig.machine, 4, block));
    ck_assert(!tg_bus_disk_set_block(rig.machine, UINT64_MAX, block));
    check_disk(3 * BLOCK, block, 3 * SECTOR);
    check_disk(0, image, 3 * BLOCK);
    uint64_t number = 0;
    const uint8_t *bytes;
    ck_assert(tg_bus_disk_next_change(rig.machine, &number, &bytes));
    ck_assert_uint_eq(number, 3);
    ck_assert_uint_eq(bytes[3 * SECTOR], 0);
}
END_TEST

/* The sum of the blocks' hashes, from what reading gives. */
static uint64_t hash_by_hand(void)
{
    uint64_t sum = 0;
    for (uint32_t offset = 0; offset < DISK_BYTES; offset += BLOCK) {
        uint8_t bytes[BLOCK] = {0};
        uint32_t rest = DISK_BYTES - offset;
        ck_assert(tg_bus_disk_read(rig.machine, offset, bytes, rest < BLOCK ? rest : BLOCK));
        sum += tg_digest_page(offset / BLOCK, bytes);
    }
    return sum;
}

START_TEST(the_hash_is_that_of_what_the_disk_holds)
{
    ck_assert_uint_eq(tg_bus_disk_hash(rig.machine), 0);
    attach();
    uint64_t base = tg_bus_disk_hash(rig.machine);
    ck_assert_uint_eq(base, hash_by_hand());
    static const uint32_t offsets[] = {DISK_BYTES - 1, 5, 2 * BLOCK - 1, BLOCK};
    for (size_t i = 0; i < 4; i++) {
        uint64_t before = tg_bus_disk_hash(rig.machine);
        ck_assert(tg_bus_disk_write(rig.machine, offsets[i], "\xa5", 1));
        ck_assert_uint_ne(tg_bus_disk_hash(rig.machine), before);
        ck_assert_uint_eq(tg_bus_disk_hash(rig.machine), hash_by_hand());
    }
    uint8_t block[BLOCK];
    memset(block, 0x77, sizeof block);
    ck_assert(tg_bus_disk_set_block(rig.machine, 3, block));
    ck_assert_uint_eq(tg_bus_disk_hash(rig.machine), hash_by_hand());
    ck_assert(tg_bus_disk_write(rig.machine, 0, image, sizeof image)); /* changed, but equal */
    ck_assert_uint_eq(tg_bus_disk_hash(rig.machine), base);
    ck_assert(tg_bus_disk_write(rig.machine, 0, "x", 1));
    tg_bus_disk_discard_changes(rig.machine);
    ck_assert_uint_eq(tg_bus_disk_hash(rig.machine), base);
}
END_TEST

START_TEST(contents_end_where_the_disk_ends)
{
    attach();
    uint8_t byte = 1;
    ck_assert(tg_bus_disk_read(rig.machine, DISK_BYTES - 1, &byte, 1));
    ck_assert(tg_bus_disk_read(rig.machine, DISK_BYTES, &byte, 0));
    ck_assert(tg_bus_disk_write(rig.machine, DISK_BYTES, &byte, 0));
    ck_assert(!tg_bus_disk_read(rig.machine, DISK_BYTES, &byte, 1));
    ck_assert(!tg_bus_disk_write(rig.machine, DISK_BYTES, &byte, 1));
    ck_assert(!tg_bus_disk_read(rig.machine, UINT64_MAX, &byte, 2));
    ck_assert(!tg_bus_disk_write(rig.machine, 1, &byte, UINT64_MAX));
}
END_TEST

START_TEST(many_writes_equal_a_plain_copy)
{
    static uint8_t plain[DISK_BYTES];
    attach();
    memcpy(plain, image, sizeof plain);
    uint64_t random = 3;
    for (int i = 0; i < 2000; i++) {
        random = random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        uint32_t offset = (uint32_t)(random >> 33) % DISK_BYTES;
        uint32_t count = (uint32_t)(random >> 20) % (DISK_BYTES - offset + 1);
        if (i % 2)
            count %= 100;
        uint8_t *bytes = malloc(count + 1);
        fill(bytes, count, (uint32_t)random);
        memcpy(plain + offset, bytes, count);
        ck_assert(tg_bus_disk_write(rig.machine, offset, bytes, count));
        free(bytes);
        if (i % 100 == 0)
            tg_bus_disk_attach(rig.machine, plain, sizeof plain);
        check_disk(0, plain, sizeof plain);
    }
}
END_TEST

/* What only a snapshot can claim is checked like the rest. */
START_TEST(a_request_made_up_by_a_snapshot_is_checked)
{
    attach();
    rig_set_field(TG_DEVICE_DISK, "request_command", 0, READ);
    rig_set_field(TG_DEVICE_DISK, "request_sector", 0, UINT32_MAX);
    rig_set_field(TG_DEVICE_DISK, "request_count", 0, UINT32_MAX);
    rig_set_field(TG_DEVICE_DISK, "request_address", 0, UINT32_MAX);
    rig_set_field(TG_DEVICE_DISK, "done_time", 0, 0);
    rig_pass(0);
    ck_assert_uint_eq(TG_GET(DISK_STATUS_ERROR, status()), 3);
}
END_TEST

RIG_MAIN("disk", a_read_copies_sectors_into_ram, a_write_changes_just_its_sectors,
         a_command_takes_its_time_and_moves_nothing_before,
         a_write_takes_the_data_at_its_completion,
         commands_that_cannot_be_carried_out_change_nothing, without_a_disk_every_command_fails,
         a_busy_disk_refuses_commands_but_takes_registers, a_new_command_clears_done_and_error,
         a_reset_forgets_the_command_and_keeps_the_contents,
         images_of_odd_size_are_refused_and_the_disk_stays,
         changed_blocks_are_listed_in_order_and_the_base_stays,
         a_write_changes_no_block_that_it_does_not_touch, blocks_can_be_set_as_they_were_listed,
         the_hash_is_that_of_what_the_disk_holds, contents_end_where_the_disk_ends,
         many_writes_equal_a_plain_copy, a_request_made_up_by_a_snapshot_is_checked)
