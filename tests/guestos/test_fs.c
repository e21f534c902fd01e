/* Tests of the file service's calls, guestos/services/fs*.c, one rule each. */
#include <stdio.h>
#include <string.h>

#include "fs_rig.h"
#include "services/fs.h"

#define CREATE (TP_OPEN_BOTH | TP_OPEN_CREATE)
#define SIZE   ((size_t)4 << 20)

static uint8_t data[1 << 20], other[1 << 20];

static void fill(uint8_t *bytes, size_t size, uint32_t seed)
{
    for (size_t i = 0; i < size; i++) {
        seed = seed * 1103515245 + 12345;
        bytes[i] = (uint8_t)(seed >> 16);
    }
}

static void begin(void)
{
    rig_begin(SIZE, 200);
    fill(data, sizeof data, 1);
}

/* Free inodes and blocks. */
static void count(uint32_t words[5])
{
    ck_assert_int_eq(HOST(ME, FILE_STATISTICS, (tp_word)words, 20), 0);
}

/* --- Contents ---------------------------------------------------------------------------- */

START_TEST(what_is_written_is_read)
{
    begin();
    rig_put("/a", "hello", 5);
    rig_expect("/a", "hello", 5);
    rig_put("/big", data, 300000);
    rig_expect("/big", data, 300000);
    rig_check();
    rig_mount();
    rig_expect("/a", "hello", 5);
    rig_expect("/big", data, 300000);
}
END_TEST

START_TEST(files_reach_sixteen_mib)
{
    rig_begin((size_t)24 << 20, 100);
    fill(data, sizeof data, 2);
    int32_t file = rig_open("/f", CREATE);
    for (int i = 0; i < 17; i++) {
        data[0] = (uint8_t)i;
        ck_assert_int_eq(rig_write(file, data, sizeof data), sizeof data);
    }
    struct tp_stat stat;
    ck_assert_int_eq(rig_stat("/f", &stat), 0);
    ck_assert_uint_eq(stat.size, 17u << 20);
    ck_assert_uint_eq(stat.blocks, (17 * 256 + 6) * 8);
    for (int i = 16; i >= 0; i--) {
        ck_assert_int_eq(rig_seek(file, i << 20, TP_SEEK_SET), i << 20);
        ck_assert_int_eq(rig_read(file, other, sizeof other), sizeof other);
        ck_assert_int_eq(other[0], i);
        ck_assert_mem_eq(other + 1, data + 1, sizeof other - 1);
    }
    rig_check();
    ck_assert_int_eq(rig_close(file), 0);
    ck_assert_int_eq(rig_path(TP_CALL_UNLINK, "/f"), 0);
    rig_check();
}
END_TEST

START_TEST(holes_read_as_zeros)
{
    begin();
    int32_t file = rig_open("/h", CREATE);
    ck_assert_int_eq(rig_seek(file, 1000000, TP_SEEK_SET), 1000000);
    ck_assert_int_eq(rig_write(file, "x", 1), 1);
    ck_assert_int_eq(rig_seek(file, 0, TP_SEEK_SET), 0);
    ck_assert_int_eq(rig_read(file, other, sizeof other), 1000001);
    for (int i = 0; i < 1000000; i++)
        ck_assert_uint_eq(other[i], 0);
    ck_assert_uint_eq(other[1000000], 'x');
    struct tp_stat stat;
    rig_stat("/h", &stat);
    ck_assert_uint_le(stat.blocks, 2 * 8);
    rig_check();
}
END_TEST

START_TEST(truncate_cuts_and_extends_with_zeros)
{
    begin();
    rig_put("/t", data, 50000);
    int32_t file = rig_open("/t", TP_OPEN_BOTH);
    ck_assert_int_eq(rig_truncate(file, 100), 0);
    rig_expect("/t", data, 100);
    ck_assert_int_eq(rig_truncate(file, 9000), 0);
    memset(other, 0, sizeof other);
    memcpy(other, data, 100);
    rig_expect("/t", other, 9000);
    ck_assert_int_eq(rig_truncate(file, 0), 0);
    rig_expect("/t", "", 0);
    rig_check();
    int32_t reader = rig_open("/t", TP_OPEN_READ);
    ck_assert_int_eq(rig_truncate(reader, 5), -TP_EBADF);
    ck_assert_int_eq(rig_truncate(file, 0x80000000u), -TP_EINVAL);
}
END_TEST

START_TEST(append_goes_to_the_end)
{
    begin();
    rig_put("/a", "one", 3);
    int32_t file = rig_open("/a", TP_OPEN_BOTH | TP_OPEN_APPEND);
    ck_assert_int_eq(rig_write(file, "two", 3), 3);
    ck_assert_int_eq(rig_seek(file, 0, TP_SEEK_SET), 0);
    ck_assert_int_eq(rig_write(file, "three", 5), 5);
    rig_expect("/a", "onetwothree", 11);
}
END_TEST

START_TEST(seeking_counts_from_start_offset_and_end)
{
    begin();
    rig_put("/s", data, 1000);
    int32_t file = rig_open("/s", TP_OPEN_READ);
    ck_assert_int_eq(rig_seek(file, 10, TP_SEEK_SET), 10);
    ck_assert_int_eq(rig_seek(file, 5, TP_SEEK_CURRENT), 15);
    ck_assert_int_eq(rig_seek(file, -5, TP_SEEK_END), 995);
    ck_assert_int_eq(rig_read(file, other, 100), 5);
    ck_assert_int_eq(rig_seek(file, -1001, TP_SEEK_END), -TP_EINVAL);
    ck_assert_int_eq(rig_seek(file, 0, 3), -TP_EINVAL);
    ck_assert_int_eq(rig_seek(file, 0, TP_SEEK_CURRENT), 1000);
    ck_assert_int_eq(rig_seek(99, 0, TP_SEEK_SET), -TP_EBADF);
}
END_TEST

/* --- Names -------------------------------------------------------------------------------- */

START_TEST(paths_are_followed)
{
    begin();
    ck_assert_int_eq(rig_path(TP_CALL_MKDIR, "/d"), 0);
    ck_assert_int_eq(rig_path(TP_CALL_MKDIR, "/d/e/"), 0);
    rig_put("/d/e/f", "x", 1);
    rig_expect("//d/./e/../e//f", "x", 1);
    ck_assert_int_eq(rig_path(TP_CALL_CHDIR, "/d/e"), 0);
    rig_expect("f", "x", 1);
    rig_expect("../e/f", "x", 1);
    rig_expect("../../../d/e/f", "x", 1);
    ck_assert_int_eq(rig_open("f/", TP_OPEN_READ), -TP_ENOTDIR);
    ck_assert_int_eq(rig_open("f/g", TP_OPEN_READ), -TP_ENOTDIR);
    ck_assert_int_eq(rig_open("g", TP_OPEN_READ), -TP_ENOENT);
    ck_assert_int_eq(rig_open("g/h", TP_OPEN_READ), -TP_ENOENT);
    ck_assert_int_eq(rig_open("", TP_OPEN_READ), -TP_ENOENT);
    ck_assert_int_eq(rig_path(TP_CALL_CHDIR, "f"), -TP_ENOTDIR);
    ck_assert_int_ge(rig_open("/", TP_OPEN_READ), 0);
}
END_TEST

START_TEST(names_are_at_most_59_bytes)
{
    begin();
    char name[70];
    memset(name, 'n', sizeof name);
    name[0] = '/';
    name[60] = 0;
    rig_put(name, "x", 1);
    rig_expect(name, "x", 1);
    name[60] = 'n';
    name[61] = 0;
    ck_assert_int_eq(rig_open(name, CREATE), -TP_ENAMETOOLONG);
    ck_assert_int_eq(rig_path(TP_CALL_MKDIR, name), -TP_ENAMETOOLONG);
    char path[300];
    memset(path, '/', sizeof path);
    path[255] = 0;
    ck_assert_int_ge(rig_open(path, TP_OPEN_READ), 0);
}
END_TEST

START_TEST(open_creates_truncates_and_refuses)
{
    begin();
    ck_assert_int_eq(rig_open("/a", TP_OPEN_BOTH), -TP_ENOENT);
    ck_assert_int_eq(rig_open("/a", CREATE | TP_OPEN_EXCL), 0);
    ck_assert_int_eq(rig_open("/a", CREATE | TP_OPEN_EXCL), -TP_EEXIST);
    ck_assert_int_eq(rig_open("/a", CREATE), 1);
    ck_assert_int_eq(rig_write(1, "abc", 3), 3);
    ck_assert_int_eq(rig_open("/a", TP_OPEN_WRITE | TP_OPEN_TRUNCATE), 2);
    ck_assert_int_eq(rig_read(2, other, 1), -TP_EBADF);
    rig_expect("/a", "", 0);
    rig_path(TP_CALL_MKDIR, "/d");
    ck_assert_int_eq(rig_open("/d", TP_OPEN_BOTH), -TP_EISDIR);
    ck_assert_int_eq(rig_open("/d", TP_OPEN_READ | TP_OPEN_TRUNCATE), -TP_EISDIR);
    ck_assert_int_eq(rig_open("/d/x/", CREATE), -TP_EISDIR);
    int32_t reader = rig_open("/a", TP_OPEN_READ);
    ck_assert_int_eq(rig_write(reader, "x", 1), -TP_EBADF);
}
END_TEST

START_TEST(a_directory_is_read_as_entries)
{
    begin();
    rig_path(TP_CALL_MKDIR, "/d");
    rig_put("/d/file", "x", 1);
    int32_t directory = rig_open("/d", TP_OPEN_READ);
    struct tp_directory_entry entries[64];
    ck_assert_int_eq(rig_read(directory, entries, sizeof entries), 4096);
    ck_assert_str_eq(entries[0].name, ".");
    ck_assert_str_eq(entries[1].name, "..");
    ck_assert_uint_eq(entries[1].inode, 1);
    ck_assert_str_eq(entries[2].name, "file");
    ck_assert_uint_eq(entries[3].inode, 0);
    ck_assert_int_eq(rig_read(directory, entries, sizeof entries), 0);
}
END_TEST

START_TEST(a_directory_grows)
{
    begin();
    char name[20];
    for (int i = 0; i < 150; i++) {
        sprintf(name, "/file%d", i);
        rig_put(name, &i, sizeof i);
    }
    rig_check();
    for (int i = 0; i < 150; i++) {
        sprintf(name, "/file%d", i);
        rig_expect(name, &i, sizeof i);
    }
    for (int i = 0; i < 150; i++) {
        sprintf(name, "/file%d", i);
        ck_assert_int_eq(rig_path(TP_CALL_UNLINK, name), 0);
    }
    rig_check();
}
END_TEST

START_TEST(links_share_an_inode)
{
    begin();
    struct tp_stat stat;
    rig_put("/a", "one", 3);
    ck_assert_int_eq(rig_paths(TP_CALL_LINK, "/a", "/b"), 0);
    rig_stat("/b", &stat);
    ck_assert_uint_eq(stat.links, 2);
    ck_assert_int_eq(rig_paths(TP_CALL_LINK, "/a", "/b"), -TP_EEXIST);
    ck_assert_int_eq(rig_paths(TP_CALL_LINK, "/x", "/c"), -TP_ENOENT);
    ck_assert_int_eq(rig_path(TP_CALL_MKDIR, "/d"), 0);
    ck_assert_int_eq(rig_paths(TP_CALL_LINK, "/d", "/e"), -TP_EPERM);
    ck_assert_int_eq(rig_path(TP_CALL_UNLINK, "/a"), 0);
    rig_expect("/b", "one", 3);
    rig_stat("/b", &stat);
    ck_assert_uint_eq(stat.links, 1);
    rig_check();
}
END_TEST

START_TEST(links_are_limited)
{
    begin();
    rig_put("/a", "x", 1);
    char name[20];
    struct tp_disk_inode *inode;
    struct tp_stat stat;
    rig_stat("/a", &stat);
    /* As if it had all but one. */
    ck_assert_int_eq(inode_get(stat.inode, &inode), 0);
    inode->links = TP_DISK_LINKS - 1;
    ck_assert_int_eq(rig_paths(TP_CALL_LINK, "/a", "/b"), 0);
    ck_assert_int_eq(rig_paths(TP_CALL_LINK, "/a", "/c"), -TP_EMLINK);
    ck_assert_int_eq(rig_stat("/c", &stat), -TP_ENOENT);
    (void)name;
}
END_TEST

START_TEST(directories_are_removed_when_empty)
{
    begin();
    rig_path(TP_CALL_MKDIR, "/d");
    rig_path(TP_CALL_MKDIR, "/d/e");
    struct tp_stat stat;
    rig_stat("/d", &stat);
    ck_assert_uint_eq(stat.links, 3);
    ck_assert_int_eq(rig_path(TP_CALL_MKDIR, "/d"), -TP_EEXIST);
    ck_assert_int_eq(rig_path(TP_CALL_UNLINK, "/d"), -TP_ENOTEMPTY);
    ck_assert_int_eq(rig_path(TP_CALL_UNLINK, "/d/e/."), -TP_EINVAL);
    ck_assert_int_eq(rig_path(TP_CALL_UNLINK, "/d/e/.."), -TP_EINVAL);
    ck_assert_int_eq(rig_path(TP_CALL_UNLINK, "/"), -TP_EINVAL);
    ck_assert_int_eq(rig_path(TP_CALL_UNLINK, "/d/e"), 0);
    rig_stat("/d", &stat);
    ck_assert_uint_eq(stat.links, 2);
    ck_assert_int_eq(rig_path(TP_CALL_UNLINK, "/d/"), 0);
    ck_assert_int_eq(rig_stat("/d", &stat), -TP_ENOENT);
    rig_check();
}
END_TEST

START_TEST(a_removed_current_directory_has_no_names)
{
    begin();
    uint32_t before[5], after[5];
    count(before);
    rig_path(TP_CALL_MKDIR, "/d");
    rig_path(TP_CALL_MKDIR, "/d/e");
    rig_path(TP_CALL_CHDIR, "/d/e");
    ck_assert_int_eq(rig_path(TP_CALL_UNLINK, "/d/e"), 0);
    ck_assert_int_eq(rig_path(TP_CALL_UNLINK, "/d"), 0);
    ck_assert_int_eq(rig_open("x", CREATE), -TP_ENOENT);
    ck_assert_int_eq(rig_path(TP_CALL_MKDIR, "x"), -TP_ENOENT);
    ck_assert_int_eq(rig_path(TP_CALL_CHDIR, ".."), -TP_ENOENT);
    rig_check();
    ck_assert_int_eq(rig_path(TP_CALL_CHDIR, "/"), 0);
    count(after);
    ck_assert_mem_eq(before, after, sizeof before);
    rig_check();
}
END_TEST

START_TEST(rename_moves_and_replaces)
{
    begin();
    rig_put("/a", "one", 3);
    rig_put("/b", "two", 3);
    ck_assert_int_eq(rig_paths(TP_CALL_RENAME, "/a", "/b"), 0);
    rig_expect("/b", "one", 3);
    ck_assert_int_eq(rig_open("/a", TP_OPEN_READ), -TP_ENOENT);
    rig_path(TP_CALL_MKDIR, "/d");
    rig_path(TP_CALL_MKDIR, "/d/e");
    rig_path(TP_CALL_MKDIR, "/f");
    ck_assert_int_eq(rig_paths(TP_CALL_RENAME, "/b", "/d/e/g"), 0);
    rig_expect("/d/e/g", "one", 3);
    ck_assert_int_eq(rig_paths(TP_CALL_RENAME, "/d", "/d/e/h"), -TP_EINVAL);
    ck_assert_int_eq(rig_paths(TP_CALL_RENAME, "/d", "/d/e"), -TP_EINVAL);
    ck_assert_int_eq(rig_paths(TP_CALL_RENAME, "/d/e/g", "/f"), -TP_EISDIR);
    ck_assert_int_eq(rig_paths(TP_CALL_RENAME, "/f", "/d/e/g"), -TP_ENOTDIR);
    ck_assert_int_eq(rig_paths(TP_CALL_RENAME, "/f", "/d"), -TP_ENOTEMPTY);
    ck_assert_int_eq(rig_paths(TP_CALL_RENAME, "/d/e", "/f"), 0);
    rig_expect("/f/g", "one", 3);
    rig_expect("/f/../f/g", "one", 3);
    struct tp_stat stat;
    rig_stat("/d", &stat);
    ck_assert_uint_eq(stat.links, 2);
    ck_assert_int_eq(rig_paths(TP_CALL_RENAME, "/f/.", "/x"), -TP_EINVAL);
    ck_assert_int_eq(rig_paths(TP_CALL_RENAME, "/f", "/f"), 0);
    rig_paths(TP_CALL_LINK, "/f/g", "/l");
    ck_assert_int_eq(rig_paths(TP_CALL_RENAME, "/f/g", "/l"), 0); /* one file: both stay */
    rig_expect("/f/g", "one", 3);
    rig_check();
}
END_TEST

START_TEST(an_open_file_outlives_its_name)
{
    begin();
    uint32_t before[5], after[5];
    count(before);
    rig_put("/a", data, 100000);
    int32_t file = rig_open("/a", TP_OPEN_BOTH);
    ck_assert_int_eq(rig_path(TP_CALL_UNLINK, "/a"), 0);
    ck_assert_uint_eq(rig_check().orphans, 1);
    ck_assert_int_eq(rig_read(file, other, sizeof other), 100000);
    ck_assert_mem_eq(other, data, 100000);
    rig_put("/b", "x", 1);
    ck_assert_int_eq(rig_write(file, data, 100), 100);
    ck_assert_int_eq(rig_close(file), 0);
    rig_path(TP_CALL_UNLINK, "/b");
    count(after);
    ck_assert_mem_eq(before, after, sizeof before);
    ck_assert_uint_eq(rig_check().orphans, 0);
}
END_TEST

START_TEST(a_power_cut_frees_open_files_without_names)
{
    begin();
    rig_put("/a", data, 200000);
    rig_open("/a", TP_OPEN_BOTH);
    rig_path(TP_CALL_UNLINK, "/a");
    rig_mount();
    struct check_result result = rig_check();
    ck_assert_uint_eq(result.orphans, 0);
    ck_assert_uint_eq(result.files, 0);
}
END_TEST

/* --- Limits -------------------------------------------------------------------------------- */

START_TEST(a_full_disk_is_an_error_and_nothing_is_lost)
{
    rig_begin((size_t)1 << 20, 100);
    fill(data, sizeof data, 3);
    uint32_t before[5], after[5];
    count(before);
    int32_t file = rig_open("/f", CREATE);
    int32_t written = 0, result;
    while ((result = rig_write(file, data + written, 10000)) > 0)
        written += result;
    ck_assert_int_eq(result, -TP_ENOSPC);
    rig_check();
    ck_assert_int_eq(rig_write(file, data + written, 1), -TP_ENOSPC);
    ck_assert_int_eq(rig_path(TP_CALL_MKDIR, "/d"), -TP_ENOSPC);
    ck_assert_int_eq(rig_open("/ok", CREATE), 1); /* needs no block */
    rig_expect("/f", data, (size_t)written);
    rig_check();
    ck_assert_int_eq(rig_truncate(file, (uint32_t)written - 20000), 0);
    ck_assert_int_eq(rig_path(TP_CALL_MKDIR, "/d"), 0);
    rig_close(file);
    rig_close(1);
    rig_path(TP_CALL_UNLINK, "/f");
    rig_path(TP_CALL_UNLINK, "/d");
    rig_path(TP_CALL_UNLINK, "/ok");
    count(after);
    ck_assert_mem_eq(before, after, sizeof before);
    rig_check();
}
END_TEST

START_TEST(there_are_no_more_inodes_than_there_are)
{
    rig_begin(SIZE, 10);
    char name[20];
    int made = 0;
    int32_t result;
    for (;; made++) {
        sprintf(name, "/f%d", made);
        result = rig_open(name, CREATE);
        if (result < 0)
            break;
        rig_close(result);
    }
    ck_assert_int_eq(result, -TP_ENOSPC);
    ck_assert_int_eq(made, 8);
    ck_assert_int_eq(rig_path(TP_CALL_MKDIR, "/d"), -TP_ENOSPC);
    rig_check();
    rig_path(TP_CALL_UNLINK, "/f3");
    ck_assert_int_eq(rig_path(TP_CALL_MKDIR, "/d"), 0);
    rig_check();
}
END_TEST

START_TEST(offsets_end_at_two_gib)
{
    begin();
    int32_t file = rig_open("/f", CREATE);
    ck_assert_int_eq(rig_seek(file, 0x7fffffff, TP_SEEK_SET), 0x7fffffff);
    ck_assert_int_eq(rig_write(file, "x", 1), -TP_EFBIG);
    ck_assert_int_eq(rig_seek(file, 1, TP_SEEK_CURRENT), -TP_EINVAL);
    ck_assert_int_eq(rig_seek(file, 0x7ffffffe, TP_SEEK_SET), 0x7ffffffe);
    ck_assert_int_eq(rig_write(file, "x", 1), 1);
    rig_check();
    ck_assert_int_eq(rig_truncate(file, 5), 0);
    rig_check();
}
END_TEST

START_TEST(descriptors_and_open_files_are_limited)
{
    begin();
    rig_put("/a", "x", 1);
    for (int i = 0; i < TP_FILES; i++)
        ck_assert_int_eq(rig_open("/a", TP_OPEN_READ), i);
    ck_assert_int_eq(rig_open("/a", TP_OPEN_READ), -TP_EMFILE);
    ck_assert_int_eq(rig_open("/new", CREATE), -TP_EMFILE);
    ck_assert_int_eq(HOST(ME, DUP, 0), -TP_EMFILE);
    uint32_t words[5];
    count(words);
    ck_assert_uint_eq(words[2], TP_FILES);
    ck_assert_int_eq(HOST(TP_SERVICE_PROCESS, FILE_EXIT, ME), 0);
    count(words);
    ck_assert_uint_eq(words[2], 0);
    struct tp_stat stat;
    ck_assert_int_eq(rig_stat("/new", &stat), -TP_ENOENT);
    for (uint32_t process = 30; process < 34; process++)
        for (int i = 0; i < TP_FILES; i++)
            ck_assert_int_eq(HOST(process, OPEN, (tp_word) "/a", TP_OPEN_READ), i);
    ck_assert_int_eq(rig_open("/a", TP_OPEN_READ), -TP_ENFILE);
}
END_TEST

/* --- Descriptors ------------------------------------------------------------------------------ */

START_TEST(dup_shares_the_offset)
{
    begin();
    rig_put("/a", "abcdef", 6);
    int32_t file = rig_open("/a", TP_OPEN_READ);
    int32_t second = HOST(ME, DUP, (tp_word)file);
    ck_assert_int_eq(second, 1);
    rig_read(file, other, 2);
    rig_read(second, other, 1);
    ck_assert_uint_eq(other[0], 'c');
    ck_assert_int_eq(HOST(ME, DUP2, 0, 7), 7);
    ck_assert_int_eq(HOST(ME, DUP2, 0, 0), 0);
    ck_assert_int_eq(HOST(ME, DUP2, 0, TP_FILES), -TP_EBADF);
    ck_assert_int_eq(HOST(ME, DUP2, 9, 3), -TP_EBADF);
    rig_close(0);
    rig_close(1);
    rig_read(7, other, 1);
    ck_assert_uint_eq(other[0], 'd');
}
END_TEST

START_TEST(children_have_descriptors_and_directory)
{
    begin();
    const uint32_t child = 21;
    rig_path(TP_CALL_MKDIR, "/d");
    rig_put("/d/a", "abc", 3);
    rig_path(TP_CALL_CHDIR, "/d");
    rig_open("a", TP_OPEN_READ);
    rig_open("a", TP_OPEN_READ | TP_OPEN_CLOEXEC);
    ck_assert_int_eq(HOST(TP_SERVICE_PROCESS, FILE_FORK, ME, child), 0);
    ck_assert_int_eq(HOST(child, READ, 0, (tp_word)other, 1), 1);
    rig_read(0, other, 1);
    ck_assert_uint_eq(other[0], 'b');
    ck_assert_int_eq(HOST(TP_SERVICE_PROCESS, FILE_EXEC, child), 0);
    ck_assert_int_eq(HOST(child, READ, 1, (tp_word)other, 1), -TP_EBADF);
    ck_assert_int_eq(HOST(child, OPEN, (tp_word) "a", TP_OPEN_READ), 1);
    ck_assert_int_eq(HOST(TP_SERVICE_PROCESS, OPEN_PROGRAM, (tp_word) "a", child), 0);
    ck_assert_int_eq(HOST(TP_SERVICE_PROCESS, FILE_EXIT, child), 0);
    ck_assert_int_eq(HOST(child, READ, 0, (tp_word)other, 1), -TP_EBADF);
    ck_assert_int_eq(rig_read(0, other, 10), 1);
    /* The slot's next process begins with nothing. */
    ck_assert_int_eq(HOST(TP_ENDPOINT(21, 5), OPEN, (tp_word) "a", TP_OPEN_READ), -TP_ENOENT);
}
END_TEST

/* --- Pipes ---------------------------------------------------------------------------------------
 */

static struct host_call *ask(enum tp_call call, tp_word descriptor, void *buffer, tp_word bytes)
{
    struct host_call *asked =
        host_ask(ME, call, (const tp_word[TP_ARGUMENTS]){descriptor, (tp_word)buffer, bytes});
    host_run();
    return asked;
}

static void open_pipe(int32_t ends[2])
{
    ck_assert_int_eq(HOST(ME, PIPE, (tp_word)ends), 0);
}

START_TEST(a_pipe_carries_bytes_and_ends)
{
    begin();
    int32_t ends[2];
    open_pipe(ends);
    ck_assert_int_eq(rig_write(ends[1], "hello", 5), 5);
    ck_assert_int_eq(rig_read(ends[0], other, 3), 3);
    ck_assert_int_eq(rig_read(ends[0], other, 30), 2);
    struct host_call *reader = ask(TP_CALL_READ, (tp_word)ends[0], other, 10);
    ck_assert(!reader->is_answered);
    ck_assert_int_eq(rig_write(ends[1], "x", 1), 1);
    ck_assert(reader->is_answered && reader->result == 1);
    reader = ask(TP_CALL_READ, (tp_word)ends[0], other, 10);
    rig_close(ends[1]);
    ck_assert(reader->is_answered && reader->result == 0);
    ck_assert_int_eq(rig_read(ends[0], other, 10), 0);
    ck_assert_int_eq(rig_write(ends[0], "x", 1), -TP_EBADF);
    ck_assert_int_eq(rig_seek(ends[0], 0, TP_SEEK_SET), -TP_ESPIPE);
}
END_TEST

START_TEST(a_long_write_goes_through_in_pieces)
{
    begin();
    int32_t ends[2];
    open_pipe(ends);
    struct host_call *writer = ask(TP_CALL_WRITE, (tp_word)ends[1], data, 20000);
    struct host_call *second = ask(TP_CALL_WRITE, (tp_word)ends[1], "end", 3);
    int32_t done = 0, result;
    while (done < 20003 && (result = rig_read(ends[0], other + done, 700)) > 0)
        done += result;
    ck_assert_int_eq(done, 20003);
    ck_assert_mem_eq(other, data, 20000);
    ck_assert_mem_eq(other + 20000, "end", 3);
    ck_assert(writer->is_answered && writer->result == 20000);
    ck_assert(second->is_answered && second->result == 3);
}
END_TEST

START_TEST(a_pipe_without_readers_breaks)
{
    begin();
    int32_t ends[2];
    open_pipe(ends);
    struct host_call *writer = ask(TP_CALL_WRITE, (tp_word)ends[1], data, 4097);
    ck_assert(!writer->is_answered);
    rig_close(ends[0]);
    ck_assert(writer->is_answered && writer->result == 4096);
    ck_assert_int_eq(rig_write(ends[1], "x", 1), -TP_EPIPE);
}
END_TEST

START_TEST(who_waits_at_a_pipe_can_be_cancelled)
{
    begin();
    int32_t ends[2];
    open_pipe(ends);
    struct host_call *reader = ask(TP_CALL_READ, (tp_word)ends[0], other, 10);
    struct host_call *second = ask(TP_CALL_READ, (tp_word)ends[0], other, 10);
    host_cancel(reader);
    ck_assert(reader->is_answered && reader->result == -TP_EINTR);
    rig_write(ends[1], "abc", 3);
    ck_assert(second->is_answered && second->result == 3);
    uint32_t words[5];
    rig_close(ends[0]);
    rig_close(ends[1]);
    count(words);
    ck_assert_uint_eq(words[3], 0);
    for (uint32_t i = 0; i < FS_PIPES; i++)
        ck_assert_int_eq(HOST(40 + i, PIPE, (tp_word)ends), 0);
    ck_assert_int_eq(HOST(40 + FS_PIPES, PIPE, (tp_word)ends), -TP_ENFILE);
}
END_TEST

/* --- Devices
 * --------------------------------------------------------------------------------------- */

static struct request *terminal_read;
static char screen[5000];
static size_t screen_size;

static void terminal(struct request *request)
{
    int bytes = (int)request->args[1];
    switch (request->call) {
    case TP_CALL_TERMINAL_READ:
        terminal_read = request;
        break;
    case TP_CALL_TERMINAL_CANCEL:
        ck_assert_uint_eq(request->args[0], terminal_read->args[2]);
        tp_answer(terminal_read, -TP_EINTR);
        tp_answer(request, 0);
        break;
    default:
        ck_assert_int_eq(tp_copy_in(request, 0, 0, screen + screen_size, (uint32_t)bytes), 0);
        screen_size += (size_t)bytes;
        tp_answer(request, bytes);
    }
}

static int32_t open_console(void)
{
    begin();
    host_set_service(TP_SERVICE_TERMINAL, terminal);
    ck_assert_int_eq(HOST(ME, MKNOD, (tp_word) "/console", TP_DEVICE_CONSOLE << 8), 0);
    rig_check();
    int32_t console = rig_open("/console", TP_OPEN_BOTH);
    ck_assert_int_ge(console, 0);
    return console;
}

START_TEST(the_console_is_the_terminals)
{
    int32_t console = open_console();
    ck_assert_int_eq(rig_write(console, data, 3000), 3000);
    ck_assert_uint_eq(screen_size, 3000);
    ck_assert_mem_eq(screen, data, 3000);
    struct host_call *reader = ask(TP_CALL_READ, (tp_word)console, other, 100);
    struct host_call *second = ask(TP_CALL_READ, (tp_word)console, other + 100, 100);
    ck_assert(!reader->is_answered);
    tp_copy_out(terminal_read, 0, 0, "line\n", 5);
    tp_answer(terminal_read, 5);
    host_run();
    ck_assert(reader->is_answered && reader->result == 5);
    ck_assert_mem_eq(other, "line\n", 5);
    ck_assert(!second->is_answered);
    host_cancel(second);
    ck_assert(second->is_answered && second->result == -TP_EINTR);
    ck_assert_int_eq(HOST(ME, CONTROL, (tp_word)console, TP_CONTROL_DEVICE, (tp_word)other),
                     TP_DEVICE_CONSOLE);
    struct tp_stat stat;
    ck_assert_int_eq(HOST(ME, FSTAT, (tp_word)console, (tp_word)&stat), 0);
    ck_assert_uint_eq(stat.type, TP_TYPE_DEVICE);
}
END_TEST

START_TEST(who_waits_behind_another_for_the_console_can_be_cancelled)
{
    int32_t console = open_console();
    struct host_call *reader = ask(TP_CALL_READ, (tp_word)console, other, 100);
    struct host_call *second = ask(TP_CALL_READ, (tp_word)console, other, 100);
    host_cancel(second);
    ck_assert(second->is_answered && second->result == -TP_EINTR);
    ck_assert(!reader->is_answered);
    ck_assert_int_eq(rig_write(console, "x", 1), 1); /* a waiting read keeps nobody from writing */
}
END_TEST

START_TEST(null_and_zero_are_files)
{
    begin();
    HOST(ME, MKNOD, (tp_word) "/null", TP_DEVICE_NULL << 8);
    HOST(ME, MKNOD, (tp_word) "/zero", TP_DEVICE_ZERO << 8);
    HOST(ME, MKNOD, (tp_word) "/none", 200 << 8);
    int32_t null = rig_open("/null", TP_OPEN_BOTH), zero = rig_open("/zero", TP_OPEN_BOTH);
    ck_assert_int_eq(rig_open("/none", TP_OPEN_BOTH), -TP_ENXIO);
    ck_assert_int_eq(rig_write(null, data, 100), 100);
    ck_assert_int_eq(rig_read(null, other, 100), 0);
    memset(other, 1, 2000);
    ck_assert_int_eq(rig_read(zero, other, 1500), 1500);
    ck_assert(other[0] == 0 && other[1499] == 0 && other[1500] == 1);
    rig_put("/a", "x", 1);
    int32_t file = rig_open("/a", TP_OPEN_READ);
    ck_assert_int_eq(HOST(ME, CONTROL, (tp_word)file, TP_CONTROL_DEVICE, (tp_word)other),
                     -TP_ENOTTY);
}
END_TEST

/* --- The disk
 * ---------------------------------------------------------------------------------------- */

START_TEST(what_is_cached_needs_no_disk)
{
    begin();
    rig_put("/a", data, 4096);
    int32_t file = rig_open("/a", TP_OPEN_READ);
    unsigned reads = rig.reads;
    for (int i = 0; i < 8; i++)
        ck_assert_int_eq(rig_read(file, other, 512), 512);
    ck_assert_uint_eq(rig.reads, reads);
}
END_TEST

START_TEST(a_few_errors_of_the_disk_are_overcome)
{
    begin();
    rig_put("/a", data, 100000);
    rig_mount();
    rig.failing_reads = 3;
    rig_expect("/a", data, 100000);
    rig.failing_writes = 3;
    rig_put("/b", data, 1000);
    rig_expect("/b", data, 1000);
    rig_check();
}
END_TEST

START_TEST(errors_of_the_disk_change_nothing)
{
    begin();
    rig_put("/a", data, 10000);
    rig_put("/a2", data, 10000);
    int32_t file = rig_open("/a", TP_OPEN_BOTH);
    rig.failing_writes = 4;
    ck_assert_int_eq(rig_write(file, data + 500, 9000), -TP_EIO);
    rig_expect("/a", data, 10000);
    rig.failing_writes = 4;
    ck_assert_int_eq(rig_path(TP_CALL_UNLINK, "/a2"), -TP_EIO);
    rig_expect("/a2", data, 10000);
    rig.failing_writes = 4;
    ck_assert_int_eq(rig_open("/new", CREATE), -TP_EIO);
    ck_assert_int_eq(rig_open("/new", TP_OPEN_READ), -TP_ENOENT);
    rig_check();
    rig_mount();
    rig_expect("/a", data, 10000);
    rig_mount();
    rig.failing_reads = 4;
    ck_assert_int_eq(rig_open("/a2", TP_OPEN_READ), -TP_EIO);
    rig_expect("/a2", data, 10000);
    rig_check();
}
END_TEST

START_TEST(calls_that_wait_for_the_disk_run_side_by_side)
{
    begin();
    char name[20];
    static uint8_t found[20][3000];
    for (int i = 0; i < 20; i++) {
        sprintf(name, "/f%d", i);
        rig_put(name, data + i, 3000);
    }
    rig_mount();
    int32_t files[20];
    for (int i = 0; i < 20; i++) {
        sprintf(name, "/f%d", i);
        files[i] = rig_open(name, TP_OPEN_READ);
    }
    struct host_call *calls[20];
    rig.is_silent = true;
    for (int i = 0; i < 20; i++)
        calls[i] = ask(TP_CALL_READ, (tp_word)files[i], found[i], 3000);
    for (int i = 0; i < 20; i++)
        ck_assert(!calls[i]->is_answered);
    unsigned rounds = 0;
    for (; !calls[19]->is_answered; rounds++)
        rig_answer_disk();
    ck_assert_uint_le(rounds, 4); /* eight tasks read at a time */
    for (int i = 0; i < 20; i++) {
        ck_assert(calls[i]->is_answered && calls[i]->result == 3000);
        ck_assert_mem_eq(found[i], data + i, 3000);
    }
}
END_TEST

START_TEST(reads_of_one_file_side_by_side_get_different_bytes)
{
    begin();
    rig_put("/a", data, 40000);
    rig_mount();
    int32_t file = rig_open("/a", TP_OPEN_READ);
    rig.is_silent = true;
    struct host_call *calls[4];
    for (int i = 0; i < 4; i++)
        calls[i] = ask(TP_CALL_READ, (tp_word)file, other + i * 10000, 10000);
    for (int i = 0; i < 100 && !calls[3]->is_answered; i++)
        rig_answer_disk();
    ck_assert_mem_eq(other, data, 40000);
}
END_TEST

START_TEST(a_file_closed_while_it_is_read_stays_until_then)
{
    begin();
    uint32_t words[5];
    rig_put("/a", data, 40000);
    rig_mount();
    int32_t file = rig_open("/a", TP_OPEN_READ);
    rig.is_silent = true;
    struct host_call *call = ask(TP_CALL_READ, (tp_word)file, other, 40000);
    rig_close(file);
    for (int i = 0; i < 100 && !call->is_answered; i++)
        rig_answer_disk();
    ck_assert_int_eq(call->result, 40000);
    rig.is_silent = false;
    count(words);
    ck_assert_uint_eq(words[2], 0);
}
END_TEST

START_TEST(without_files_on_the_disk_there_is_an_error)
{
    begin();
    memset(rig.disk, 0, 4096);
    rig_mount();
    ck_assert_int_eq(rig_open("/a", CREATE), -TP_ENODEV);
    ck_assert_int_eq(rig_open("/", TP_OPEN_READ), -TP_ENODEV);
    ck_assert_int_eq(HOST(ME, SYNC, 0), -TP_ENODEV);
    int32_t ends[2];
    ck_assert_int_eq(HOST(ME, PIPE, (tp_word)ends), 0); /* needs no disk */
}
END_TEST

START_TEST(sync_brings_everything_home)
{
    begin();
    rig_put("/a", data, 100000);
    ck_assert_int_eq(HOST(ME, SYNC, 0), 0);
    ck_assert_uint_eq(rig_check().records, 0);
    rig_mount();
    rig_expect("/a", data, 100000);
}
END_TEST

/* A block that looks like the head of a record must not be taken for one. */
START_TEST(contents_that_look_like_the_journal_are_only_contents)
{
    begin();
    struct tp_disk_record *record = (struct tp_disk_record *)(void *)data;
    for (int i = 0; i < 60; i++) {
        memset(data, 0, 4096);
        *record = (struct tp_disk_record){TP_DISK_RECORD_MAGIC, fs.sequence + 1, 1, 0, 0, {1}};
        rig_put("/a", data, 4096);
        rig_expect("/a", data, 4096);
    }
    rig_mount();
    rig_expect("/a", data, 4096);
    rig_check();
}
END_TEST

HOST_MAIN("fs", what_is_written_is_read, files_reach_sixteen_mib, holes_read_as_zeros,
          truncate_cuts_and_extends_with_zeros, append_goes_to_the_end,
          seeking_counts_from_start_offset_and_end, paths_are_followed, names_are_at_most_59_bytes,
          open_creates_truncates_and_refuses, a_directory_is_read_as_entries, a_directory_grows,
          links_share_an_inode, links_are_limited, directories_are_removed_when_empty,
          a_removed_current_directory_has_no_names, rename_moves_and_replaces,
          an_open_file_outlives_its_name, a_power_cut_frees_open_files_without_names,
          a_full_disk_is_an_error_and_nothing_is_lost, there_are_no_more_inodes_than_there_are,
          offsets_end_at_two_gib, descriptors_and_open_files_are_limited, dup_shares_the_offset,
          children_have_descriptors_and_directory, a_pipe_carries_bytes_and_ends,
          a_long_write_goes_through_in_pieces, a_pipe_without_readers_breaks,
          who_waits_at_a_pipe_can_be_cancelled, the_console_is_the_terminals,
          who_waits_behind_another_for_the_console_can_be_cancelled, null_and_zero_are_files,
          what_is_cached_needs_no_disk, a_few_errors_of_the_disk_are_overcome,
          errors_of_the_disk_change_nothing, calls_that_wait_for_the_disk_run_side_by_side,
          reads_of_one_file_side_by_side_get_different_bytes,
          a_file_closed_while_it_is_read_stays_until_then,
          without_files_on_the_disk_there_is_an_error, sync_brings_everything_home,
          contents_that_look_like_the_journal_are_only_contents)
