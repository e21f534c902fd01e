/* Tests of large files, and of what a full disk does: an error, and nothing lost. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "calltest.h"

#define LARGE (16u << 20)

/* As large as the disk allows, up to 16 MiB: first and last bytes of each part, and parts in full. */
static void large_file(void)
{
    uint32_t room = file_counts().free_blocks / 2 * 4096;
    uint32_t size = room < LARGE ? room & ~65535u : LARGE;
    int file = open("large", O_CREAT | O_RDWR, 0666);
    static uint8_t part[65536];

    for (uint32_t offset = 0; offset < size; offset += sizeof part) {
        memcpy(part, &offset, sizeof offset);
        memcpy(part + sizeof part - sizeof offset, &offset, sizeof offset);
        EQUAL(write(file, part, sizeof part), sizeof part);
    }
    EQUAL(lseek(file, 0, SEEK_CUR), size);
    for (uint32_t offset = 0; offset < size; offset += sizeof part) {
        EQUAL(lseek(file, (off_t)offset, SEEK_SET), offset);
        EQUAL(read(file, part, sizeof part), sizeof part);
        EQUAL(memcmp(part, &offset, sizeof offset), 0);
        EQUAL(memcmp(part + sizeof part - sizeof offset, &offset, sizeof offset), 0);
    }
    EQUAL(close(file), 0);
}

static void odd_sizes_and_places(void)
{
    static uint8_t content[40000];
    static uint8_t bytes[3000];
    int file = open("f", O_CREAT | O_RDWR, 0666);
    uint32_t state = 4711;
    uint32_t size = 0;

    for (unsigned i = 0; i < 200; i++) {
        uint32_t offset = next_random(&state) % (sizeof content - sizeof bytes);
        uint32_t length = next_random(&state) % sizeof bytes;

        EQUAL(lseek(file, (off_t)offset, SEEK_SET), offset);
        if (next_random(&state) % 2 != 0) {
            fill_pattern(content + offset, offset, length, i);
            EQUAL(write(file, content + offset, length), length);
            if (length != 0 && offset + length > size)
                size = offset + length;
        } else {
            uint32_t there = offset >= size ? 0 : size - offset < length ? size - offset : length;

            EQUAL(read(file, bytes, length), there);
            EQUAL(memcmp(bytes, content + offset, there), 0);
        }
    }
    EQUAL(close(file), 0);
}

/* Fills the disk, leaving the file there; bytes in it. */
static uint32_t fill_disk(int file)
{
    static uint8_t part[65536];
    uint32_t total = 0;
    ssize_t bytes;

    for (uint32_t size = sizeof part; size > 0; size = size == 1 ? 0 : size / 16) {
        while ((bytes = write(file, part, size)) > 0)
            total += (uint32_t)bytes; /* a short write is right: all that there was room for */
        EQUAL(bytes, -1);
        if (errno == EFBIG) /* a file has less room than the disk */
            return total;
        EQUAL(errno, ENOSPC);
    }
    return total;
}

static void full_disk(void)
{
    char name[16];
    int files[4];
    int other;

    other = open("other", O_CREAT | O_RDWR, 0666);
    write_pattern(other, 0, 20000, 3);
    for (unsigned i = 0; i < 4; i++) {
        snprintf(name, sizeof name, "full%u", i);
        CHECK((files[i] = open(name, O_CREAT | O_RDWR, 0666)) >= 0);
        CHECK(fill_disk(files[i]) > 0 || i > 0);
    }
    CHECK(file_counts().free_blocks < 8);
    EQUAL(lseek(other, 0, SEEK_SET), 0);
    check_pattern(other, 0, 20000, 3);
    FAILS(write(files[0], name, 1), ENOSPC);
    EQUAL(unlink("full0"), 0);
    EQUAL(close(files[0]), 0); /* now there is room again */
    EQUAL(lseek(other, 0, SEEK_SET), 0);
    write_pattern(other, 0, 30000, 4);
    EQUAL(lseek(other, 0, SEEK_SET), 0);
    check_pattern(other, 0, 30000, 4);
}

static void full_disk_refuses_names(void)
{
    int file = open("full", O_CREAT | O_RDWR, 0666);
    int error = 0;

    while (fill_disk(file) > 0 && file_counts().free_blocks > 0) {
        close(file);
        CHECK(rename("full", "full2") == 0);
        file = open("full", O_CREAT | O_RDWR, 0666);
    }
    for (unsigned i = 0; i < 500 && error == 0; i++) {
        char name[16];

        snprintf(name, sizeof name, "d%u", i);
        if (mkdir(name, 0777) != 0)
            error = errno;
    }
    EQUAL(error, ENOSPC); /* a directory needs a block */
    EQUAL(ftruncate(file, 0), 0);
    EQUAL(mkdir("d", 0777), 0);
    EQUAL(close(file), 0);
}

static void inodes_run_out(void)
{
    uint32_t free_inodes = file_counts().free_inodes;
    uint32_t made = 0;
    char name[32];
    int error = 0;

    while (error == 0) {
        if (made % 100 == 0) { /* a directory for each hundred, so that names are found fast */
            snprintf(name, sizeof name, "d%u", (unsigned)(made / 100));
            error = mkdir(name, 0777) == 0 ? 0 : errno;
        } else {
            int file;

            snprintf(name, sizeof name, "d%u/f%u", (unsigned)(made / 100), (unsigned)(made % 100));
            file = open(name, O_CREAT | O_EXCL | O_RDWR, 0666);
            error = file >= 0 ? 0 : errno;
            close(file);
        }
        made += error == 0;
    }
    EQUAL(error, ENOSPC);
    EQUAL(made, free_inodes);
    EQUAL(file_counts().free_inodes, 0);
    EQUAL(unlink("d0/f1"), 0);
    EQUAL(close(open("again", O_CREAT | O_RDWR, 0666)), 0);
}

static const struct test tests[] = {
    {"space_large_file", large_file},
    {"space_odd_sizes_and_places", odd_sizes_and_places},
    {"space_full_disk", full_disk},
    {"space_full_disk_refuses_names", full_disk_refuses_names},
    {"space_inodes_run_out", inodes_run_out},
};

const struct test_table space_tests = TEST_TABLE(tests);
