/*
 * Tests of the checker of disk images (tools/mkfs/verify.h): it finds each kind of damage, and
 * survives whatever an image contains. So does the file service on the same images.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "guestos/fs_rig.h"
#include "mkfs/image.h"

#define SIZE ((size_t)2 << 20)

static struct image image;
static char lines[100][256];
static unsigned line_count;

static void note(void *context, const char *line)
{
    (void)context;
    if (line_count < 100)
        snprintf(lines[line_count++], sizeof lines[0], "%s", line);
}

static void must(const char *why)
{
    ck_assert_msg(!why, "%s", why);
}

/* Inodes: 1 /, 2 /d, 3 /d/file, 4 /big, 5 /console; /link is 3 too. */
static void make(void)
{
    static uint8_t bytes[200000];
    memset(bytes, 7, sizeof bytes);
    image_destroy(&image);
    must(image_create(&image, SIZE, 64));
    must(image_add_file(&image, "/d/file", "hello", 5));
    must(image_add_file(&image, "/big", bytes, sizeof bytes));
    must(image_add_device(&image, "/console", 1 << 8));
    must(image_add_link(&image, "/link", "/d/file"));
}

static struct check_result check(void)
{
    struct check_result result;
    line_count = 0;
    ck_assert_int_eq(image_check(image.bytes, image.size, note, NULL, &result), 0);
    ck_assert(result.findings >= line_count || line_count == 100);
    return result;
}

/* One of the findings is told in these words. */
static void expect(const char *line)
{
    struct check_result result = check();
    for (unsigned i = 0; i < line_count; i++)
        if (strcmp(lines[i], line) == 0)
            return;
    for (unsigned i = 0; i < line_count; i++)
        fprintf(stderr, "found: %s\n", lines[i]);
    ck_abort_msg("not found (of %u): %s", result.findings, line);
}

static struct tp_disk_superblock *super_of(void)
{
    return (struct tp_disk_superblock *)(void *)image.bytes;
}

static void *block(uint32_t number)
{
    return image.bytes + (size_t)number * TP_DISK_BLOCK;
}

static struct tp_disk_inode *inode(uint32_t number)
{
    return (struct tp_disk_inode *)block(super_of()->inode_table) + number;
}

static struct tp_directory_entry *entry(uint32_t directory, uint32_t i)
{
    return (struct tp_directory_entry *)block(inode(directory)->direct[0]) + i;
}

START_TEST(a_new_image_is_in_order)
{
    make();
    struct check_result result = check();
    ck_assert_uint_eq(result.findings, 0);
    ck_assert_uint_eq(result.files, 3);
    ck_assert_uint_eq(result.directories, 2);
    ck_assert_uint_eq(result.free_inodes, 64 - 6);
}
END_TEST

START_TEST(what_is_no_image_is_told)
{
    make();
    super_of()->magic++;
    expect("this is no disk with files of Turnpike, or its superblock or journal is damaged");
    make();
    super_of()->blocks++;
    expect("this is no disk with files of Turnpike, or its superblock or journal is damaged");
    make();
    *(uint32_t *)block(super_of()->journal) = 0;
    expect("this is no disk with files of Turnpike, or its superblock or journal is damaged");
}
END_TEST

START_TEST(damaged_maps_are_found)
{
    char line[100];
    make();
    uint32_t used = inode(4)->direct[3];
    ((uint32_t *)block(super_of()->block_map))[used / 32] ^= 1u << used % 32;
    snprintf(line, sizeof line, "block %u: is in use, but marked as free in the map", used);
    expect(line);
    make();
    ((uint32_t *)block(super_of()->block_map))[15] ^= 1u << 31;
    expect("block 511: is free, but marked as in use in the map");
    make();
    *(uint32_t *)block(super_of()->inode_map) ^= 1u << 3;
    expect("inode 3: is in use, but marked as free in the map");
    make();
    *(uint32_t *)block(super_of()->inode_map) ^= 1u << 9;
    expect("inode 9: is free, but marked as in use in the map");
}
END_TEST

START_TEST(damaged_inodes_are_found)
{
    char line[100];
    make();
    inode(3)->type = 9;
    expect("inode 3: is of type 9, which there is not");
    make();
    inode(3)->links++;
    expect("inode 3: has 3 links, but should have 2");
    make();
    inode(2)->links = 5;
    expect("inode 2: has 5 links, but should have 2");
    make();
    inode(4)->size = 4096;
    expect("inode 4: has blocks beyond its size of 4096");
    make();
    inode(4)->size = 0x80000000u;
    expect("inode 4: its size, 2147483648, is more than a file can have");
    make();
    inode(4)->blocks++;
    expect("inode 4: says that it uses 51 blocks, but uses 50");
    make();
    inode(5)->size = 3;
    expect("inode 5: is a device, but has contents");
    make();
    inode(4)->direct[2] = 100000;
    snprintf(line, sizeof line, "inode 4: uses block 100000, which is not one for data (%u to 511)",
             super_of()->data);
    expect(line);
    make();
    uint32_t other = inode(3)->direct[0];
    inode(4)->direct[2] = other;
    snprintf(line, sizeof line, "inode 4: uses block %u, which inode 3 uses too", other);
    expect(line);
    make();
    ((char *)block(inode(3)->direct[0]))[10] = 'x';
    expect("inode 3: its last block has bytes that are not zero beyond its size of 5");
    make();
    inode(20)->size = 1;
    expect("inode 20: is free, but not all zeros");
}
END_TEST

START_TEST(damaged_directories_are_found)
{
    make();
    entry(2, 0)->inode = 1;
    expect("directory 2: does not begin with \".\" for itself");
    make();
    entry(2, 1)->inode = 2;
    expect("directory 2: \"..\" is 2, but it is in 1");
    make();
    entry(2, 2)->inode = 40;
    expect("directory 2: \"file\" names inode 40, which is not in use");
    make();
    entry(2, 2)->inode = 4000000;
    expect("directory 2: \"file\" names inode 4000000, which is not in use");
    make();
    entry(2, 2)->name[0] = '/';
    expect("directory 2: the entry of inode 3 has no proper name");
    make();
    memset(entry(2, 2)->name, 'n', TP_NAME_BYTES);
    expect("directory 2: the entry of inode 3 has no proper name");
    make();
    entry(2, 2)->name[10] = 'n';
    expect("directory 2: \"file\" is not followed by zeros");
    make();
    entry(2, 3)->inode = 3;
    strcpy(entry(2, 3)->name, "file");
    expect("directory 2: \"file\" is there twice");
    make();
    entry(2, 3)->inode = 2;
    strcpy(entry(2, 3)->name, "self");
    expect("directory 2: \"self\" is a second name for directory 2");
    make();
    entry(1, 2)->inode = 0;
    expect("inode 2: has 2 links, but should have 0");
    make();
    inode(2)->size = 100;
    expect("directory 2: its size, 100, is not that of whole blocks");
    make();
    inode(2)->direct[0] = 0;
    expect("directory 2: a block of it is missing");
}
END_TEST

START_TEST(damaged_orphans_are_found)
{
    make();
    super_of()->orphans[3] = 30;
    expect("superblock: orphan 3 is inode 30, which is not in use");
    make();
    super_of()->orphans[3] = super_of()->orphans[5] = 4;
    expect("superblock: inode 4 is among the orphans twice");
    make();
    inode(4)->links = 0;
    *entry(1, 3) = (struct tp_directory_entry){0};
    expect("inode 4: has no name and will never be freed");
    super_of()->orphans[0] = 4;
    ck_assert_uint_eq(check().findings, 0);
}
END_TEST

/* --- Whatever an image contains ------------------------------------------------------------ */

static uint32_t number(uint32_t *random, uint32_t limit)
{
    *random ^= *random << 13;
    *random ^= *random >> 17;
    *random ^= *random << 5;
    return *random % limit;
}

/* Changes some words of what is not data. */
static void damage(uint32_t *random)
{
    static const uint32_t values[] = {0, 1, 2, 3, 0xffffffffu, 0x80000000u, 0x7fffffffu};

    for (uint32_t count = 1 + number(random, 8); count > 0; count--) {
        uint32_t parts[] = {0,
                            super_of()->inode_table,
                            super_of()->block_map,
                            inode(1)->direct[0],
                            inode(2)->direct[0],
                            inode(4)->indirect};
        uint32_t part = parts[number(random, 6)];
        uint32_t *word = part < 512 ? block(part) : block(0);
        uint32_t place = number(random, part == super_of()->inode_table ? 6 * 32 : 100);

        if (part == 0 && place < 10)
            continue; /* the rest is not looked at then */
        word[place] = number(random, 2) ? values[number(random, 7)] : number(random, 600);
    }
}

/* The service on the damaged disk: its calls may fail, and nothing else. */
static void use_disk(void)
{
    static uint8_t bytes[20000];

    rig_use(image.bytes, image.size);
    int32_t file = rig_open("/d/file", TP_OPEN_BOTH);
    rig_read(file, bytes, sizeof bytes);
    rig_write(file, bytes, 3000);
    rig_close(file);
    file = rig_open("/big", TP_OPEN_BOTH);
    rig_read(file, bytes, sizeof bytes);
    rig_truncate(file, 100);
    rig_close(file);
    rig_paths(TP_CALL_RENAME, "/d", "/d/x");
    rig_paths(TP_CALL_RENAME, "/big", "/d/file");
    rig_path(TP_CALL_MKDIR, "/d/e");
    rig_path(TP_CALL_UNLINK, "/link");
    rig_path(TP_CALL_UNLINK, "/big");
    rig_path(TP_CALL_UNLINK, "/d");
    file = rig_open("/new", TP_OPEN_BOTH | TP_OPEN_CREATE);
    rig_write(file, bytes, sizeof bytes);
    rig_close(file);
}

START_TEST(damaged_images_are_survived)
{
    uint32_t random = 20261122;
    unsigned found = 0;

    for (int i = 0; i < 1500; i++) {
        make();
        damage(&random);
        found += check().findings != 0;
        use_disk();
    }
    ck_assert_uint_gt(found, 1000);
}
END_TEST

HOST_MAIN("check", a_new_image_is_in_order, what_is_no_image_is_told, damaged_maps_are_found,
          damaged_inodes_are_found, damaged_directories_are_found, damaged_orphans_are_found,
          damaged_images_are_survived)
