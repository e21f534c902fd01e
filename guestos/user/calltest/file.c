/* Tests of files and directories: what POSIX says of open, read, write, lseek, links, names. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "calltest.h"

static int make_file(const char *name, const char *text)
{
    int file = open(name, O_CREAT | O_TRUNC | O_RDWR, 0666);

    CHECK(file >= 0);
    EQUAL(write(file, text, strlen(text)), strlen(text));
    return file;
}

static void expect_content(const char *name, const char *text)
{
    char content[128];
    int file = open(name, O_RDONLY);

    CHECK(file >= 0);
    EQUAL(read(file, content, sizeof content), strlen(text));
    EQUAL(memcmp(content, text, strlen(text)), 0);
    EQUAL(close(file), 0);
}

static struct stat status_of(const char *name)
{
    struct stat status;

    EQUAL(stat(name, &status), 0);
    return status;
}

static void written_is_read(void)
{
    char text[16] = "";
    struct stat status;
    int file = make_file("f", "hello");

    EQUAL(lseek(file, 0, SEEK_SET), 0);
    EQUAL(read(file, text, sizeof text), 5);
    EQUAL(memcmp(text, "hello", 5), 0);
    EQUAL(read(file, text, sizeof text), 0);
    EQUAL(fstat(file, &status), 0);
    EQUAL(status.st_size, 5);
    EQUAL(status.st_nlink, 1);
    CHECK(S_ISREG(status.st_mode));
    EQUAL(close(file), 0);
    FAILS(close(file), EBADF);
    FAILS(read(file, text, 1), EBADF);
}

static void open_flags(void)
{
    int file = make_file("f", "12345");

    close(file);
    FAILS(open("f", O_CREAT | O_EXCL | O_RDWR, 0666), EEXIST);
    CHECK((file = open("f", O_WRONLY | O_TRUNC)) >= 0);
    EQUAL(status_of("f").st_size, 0);
    FAILS(read(file, &(char){0}, 1), EBADF);
    EQUAL(close(file), 0);
    CHECK((file = open("f", O_RDONLY)) >= 0);
    FAILS(write(file, "x", 1), EBADF);
    EQUAL(close(file), 0);
    CHECK((file = open("g", O_CREAT | O_EXCL | O_WRONLY, 0666)) >= 0);
    EQUAL(close(file), 0);
}

static void open_errors(void)
{
    char name[300];

    close(make_file("f", ""));
    EQUAL(mkdir("d", 0777), 0);
    FAILS(open("none", O_RDONLY), ENOENT);
    FAILS(open("", O_RDONLY), ENOENT);
    FAILS(open("none/f", O_CREAT | O_RDWR, 0666), ENOENT);
    FAILS(open("f/g", O_RDONLY), ENOTDIR);
    FAILS(open("f/", O_RDONLY), ENOTDIR);
    FAILS(open("d", O_WRONLY), EISDIR);
    FAILS(open("d", O_RDWR), EISDIR);
    memset(name, 'n', sizeof name);
    name[299] = '\0';
    FAILS(open(name, O_CREAT | O_RDWR, 0666), ENAMETOOLONG);
    name[TP_NAME_BYTES] = '\0';
    FAILS(open(name, O_CREAT | O_RDWR, 0666), ENAMETOOLONG);
    name[TP_NAME_BYTES - 1] = '\0';
    EQUAL(close(open(name, O_CREAT | O_RDWR, 0666)), 0);
    EQUAL(status_of(name).st_size, 0);
}

static void bad_descriptors(void)
{
    static const int files[] = {-1, TP_FILES - 1, TP_FILES, 1000, 0x7fffffff, -0x7fffffff};
    struct stat status;
    char byte;

    for (unsigned i = 0; i < sizeof files / sizeof files[0]; i++) {
        FAILS(read(files[i], &byte, 1), EBADF);
        FAILS(write(files[i], &byte, 1), EBADF);
        FAILS(close(files[i]), EBADF);
        FAILS(lseek(files[i], 0, SEEK_SET), EBADF);
        FAILS(dup(files[i]), EBADF);
        FAILS(dup2(files[i], 5), EBADF);
        FAILS(fstat(files[i], &status), EBADF);
        FAILS(ftruncate(files[i], 0), EBADF);
    }
    FAILS(dup2(0, -1), EBADF);
    FAILS(dup2(0, TP_FILES), EBADF);
}

static void seeking(void)
{
    int file = make_file("f", "0123456789");
    char byte = 0;

    EQUAL(lseek(file, 3, SEEK_SET), 3);
    EQUAL(lseek(file, 2, SEEK_CUR), 5);
    EQUAL(read(file, &byte, 1), 1);
    EQUAL(byte, '5');
    EQUAL(lseek(file, -1, SEEK_END), 9);
    EQUAL(read(file, &byte, 1), 1);
    EQUAL(byte, '9');
    FAILS(lseek(file, -1, SEEK_SET), EINVAL);
    FAILS(lseek(file, -11, SEEK_CUR), EINVAL);
    FAILS(lseek(file, 0, 77), EINVAL);
    EQUAL(lseek(file, 0, SEEK_CUR), 10);
    EQUAL(lseek(file, 100, SEEK_END), 110);
    EQUAL(read(file, &byte, 1), 0);
    EQUAL(close(file), 0);
}

static void holes_read_as_zeros(void)
{
    static char block[4096];
    int file = make_file("f", "a");
    struct stat status;

    EQUAL(lseek(file, 1000000, SEEK_SET), 1000000);
    EQUAL(write(file, "z", 1), 1);
    EQUAL(fstat(file, &status), 0);
    EQUAL(status.st_size, 1000001);
    CHECK(status.st_blocks < 200);
    EQUAL(lseek(file, 500000, SEEK_SET), 500000);
    memset(block, 'x', sizeof block);
    EQUAL(read(file, block, sizeof block), sizeof block);
    for (unsigned i = 0; i < sizeof block; i++)
        CHECK(block[i] == 0);
    EQUAL(lseek(file, 500001, SEEK_SET), 500001); /* a part of a block in the hole */
    EQUAL(write(file, "mid", 3), 3);
    EQUAL(lseek(file, 500000, SEEK_SET), 500000);
    EQUAL(read(file, block, 6), 6);
    EQUAL(memcmp(block, "\0mid\0\0", 6), 0);
    EQUAL(close(file), 0);
}

static void append_goes_to_the_end(void)
{
    int one, other;

    close(make_file("f", "start."));
    CHECK((one = open("f", O_WRONLY | O_APPEND)) >= 0);
    CHECK((other = open("f", O_WRONLY | O_APPEND)) >= 0);
    EQUAL(write(one, "one.", 4), 4);
    EQUAL(write(other, "other.", 6), 6);
    EQUAL(lseek(one, 0, SEEK_SET), 0);
    EQUAL(write(one, "end", 3), 3);
    expect_content("f", "start.one.other.end");
    close(one);
    close(other);
}

static void truncating(void)
{
    static char bytes[10000];
    int file = open("f", O_CREAT | O_RDWR, 0666);

    memset(bytes, 'x', sizeof bytes);
    EQUAL(write(file, bytes, sizeof bytes), sizeof bytes);
    EQUAL(ftruncate(file, 5000), 0);
    EQUAL(status_of("f").st_size, 5000);
    EQUAL(ftruncate(file, 9000), 0); /* what is past the cut must not come back */
    EQUAL(lseek(file, 0, SEEK_SET), 0);
    EQUAL(read(file, bytes, sizeof bytes), 9000);
    for (unsigned i = 0; i < 9000; i++)
        CHECK(bytes[i] == (i < 5000 ? 'x' : 0));
    FAILS(ftruncate(file, -1), EINVAL);
    EQUAL(close(file), 0);
    CHECK((file = open("f", O_RDONLY)) >= 0);
    CHECK(ftruncate(file, 0) == -1 && (errno == EBADF || errno == EINVAL));
    EQUAL(close(file), 0);
}

static void links(void)
{
    int file;

    close(make_file("a", "text"));
    EQUAL(link("a", "b"), 0);
    EQUAL(status_of("a").st_nlink, 2);
    EQUAL(status_of("a").st_ino, status_of("b").st_ino);
    CHECK((file = open("b", O_WRONLY)) >= 0);
    EQUAL(write(file, "next", 4), 4);
    EQUAL(close(file), 0);
    expect_content("a", "next");
    EQUAL(unlink("a"), 0);
    EQUAL(status_of("b").st_nlink, 1);
    FAILS(open("a", O_RDONLY), ENOENT);
    FAILS(link("a", "c"), ENOENT);
    close(make_file("c", ""));
    FAILS(link("b", "c"), EEXIST);
    EQUAL(mkdir("d", 0777), 0);
    FAILS(link("d", "e"), EPERM);
    FAILS(link("b", "none/c"), ENOENT);
    FAILS(unlink("a"), ENOENT);
}

static void unlinked_files_live_while_open(void)
{
    uint32_t free_blocks = file_counts().free_blocks;
    int file = open("f", O_CREAT | O_RDWR, 0666);

    write_pattern(file, 0, 50000, 7);
    EQUAL(unlink("f"), 0);
    FAILS(open("f", O_RDONLY), ENOENT);
    EQUAL(lseek(file, 0, SEEK_SET), 0);
    check_pattern(file, 0, 50000, 7);
    EQUAL(write(file, "more", 4), 4);
    CHECK(file_counts().free_blocks < free_blocks);
    EQUAL(close(file), 0);
    EQUAL(file_counts().free_blocks, free_blocks);
}

static void renaming(void)
{
    int file = make_file("a", "of a");

    close(make_file("b", "of b"));
    EQUAL(rename("a", "b"), 0);
    expect_content("b", "of a");
    FAILS(open("a", O_RDONLY), ENOENT);
    EQUAL(write(file, "!", 1), 1); /* a descriptor does not mind */
    expect_content("b", "of a!");
    EQUAL(close(file), 0);
    EQUAL(rename("b", "b"), 0);
    expect_content("b", "of a!");
    EQUAL(mkdir("d", 0777), 0);
    EQUAL(rename("b", "d/b"), 0);
    expect_content("d/b", "of a!");
    FAILS(rename("none", "x"), ENOENT);
    FAILS(rename("d/b", "none/x"), ENOENT);
    EQUAL(link("d/b", "same"), 0);
    EQUAL(rename("d/b", "same"), 0); /* two names of one file: POSIX does nothing */
    EQUAL(status_of("same").st_nlink, 2);
}

static void renaming_directories(void)
{
    EQUAL(mkdir("d", 0777), 0);
    EQUAL(mkdir("d/e", 0777), 0);
    EQUAL(mkdir("empty", 0777), 0);
    close(make_file("f", ""));
    FAILS(rename("d", "d/e/g"), EINVAL);
    FAILS(rename("d", "d/d"), EINVAL);
    FAILS(rename("empty", "d"), ENOTEMPTY);
    FAILS(rename("f", "d"), EISDIR);
    FAILS(rename("d", "f"), ENOTDIR);
    EQUAL(rename("d", "empty"), 0);
    EQUAL(rename("empty/e", "e"), 0);
    EQUAL(status_of("e/..").st_ino, status_of(".").st_ino); /* .. goes along */
    EQUAL(status_of("empty").st_nlink, 2);
    EQUAL(rmdir("empty"), 0);
    EQUAL(rmdir("e"), 0);
}

static void directories(void)
{
    FAILS(mkdir("none/d", 0777), ENOENT);
    EQUAL(mkdir("d", 0777), 0);
    FAILS(mkdir("d", 0777), EEXIST);
    CHECK(S_ISDIR(status_of("d").st_mode));
    EQUAL(status_of("d").st_nlink, 2);
    EQUAL(status_of("d/.").st_ino, status_of("d").st_ino);
    EQUAL(status_of("d/..").st_ino, status_of(".").st_ino);
    close(make_file("d/f", "in d"));
    FAILS(rmdir("d"), ENOTEMPTY);
    FAILS(rmdir("d/f"), ENOTDIR);
    FAILS(rmdir("none"), ENOENT);
    EQUAL(chdir("d"), 0);
    expect_content("f", "in d");
    expect_content("../d/f", "in d");
    EQUAL(unlink("f"), 0);
    EQUAL(chdir(".."), 0);
    FAILS(chdir("none"), ENOENT);
    close(make_file("f", ""));
    FAILS(chdir("f"), ENOTDIR);
    EQUAL(rmdir("d"), 0);
    FAILS(chdir("d"), ENOENT);
}

static void dot_names_stay(void)
{
    EQUAL(mkdir("d", 0777), 0);
    CHECK(unlink("d/.") == -1);
    CHECK(unlink("d/..") == -1);
    CHECK(rmdir("d/.") == -1);
    CHECK(rmdir("/") == -1);
    CHECK(unlink("/") == -1);
    CHECK(rename("d/.", "e") == -1);
    FAILS(mkdir("/", 0777), EEXIST);
    FAILS(mkdir("d/..", 0777), EEXIST);
    EQUAL(chdir("/.."), 0); /* above the root is the root */
    EQUAL(status_of("/..").st_ino, status_of("/").st_ino);
}

static void removed_current_directory(void)
{
    EQUAL(mkdir("d", 0777), 0);
    EQUAL(chdir("d"), 0);
    EQUAL(rmdir("../d"), 0);
    CHECK(open("f", O_CREAT | O_RDWR, 0666) == -1);
    CHECK(mkdir("e", 0777) == -1);
}

static unsigned count_entries(const char *name, const char *prefix)
{
    struct tp_directory_entry entries[8];
    int file = open(name, O_RDONLY);
    unsigned count = 0;
    ssize_t bytes;

    CHECK(file >= 0);
    while ((bytes = read(file, entries, sizeof entries)) > 0) {
        EQUAL(bytes % (ssize_t)sizeof entries[0], 0);
        for (unsigned i = 0; i < (size_t)bytes / sizeof entries[0]; i++)
            count += entries[i].inode != 0 &&
                     strncmp(entries[i].name, prefix, strlen(prefix)) == 0;
    }
    EQUAL(bytes, 0);
    close(file);
    return count;
}

static void many_names_in_a_directory(void)
{
    char name[32];

    EQUAL(mkdir("d", 0777), 0);
    for (unsigned i = 0; i < 200; i++) {
        snprintf(name, sizeof name, "d/file%u", i);
        EQUAL(close(open(name, O_CREAT | O_EXCL | O_WRONLY, 0666)), 0);
    }
    EQUAL(count_entries("d", "file"), 200);
    EQUAL(count_entries("d", "."), 2);
    for (unsigned i = 0; i < 200; i += 2) {
        snprintf(name, sizeof name, "d/file%u", i);
        EQUAL(unlink(name), 0);
    }
    EQUAL(count_entries("d", "file"), 100);
    for (unsigned i = 0; i < 200; i++) {
        struct stat status;

        snprintf(name, sizeof name, "d/file%u", i);
        EQUAL(stat(name, &status), i % 2 != 0 ? 0 : -1);
    }
}

static void deep_directories(void)
{
    for (unsigned i = 0; i < 30; i++) {
        EQUAL(mkdir("deep", 0777), 0);
        EQUAL(chdir("deep"), 0);
    }
    close(make_file("f", "at the bottom"));
    for (unsigned i = 0; i < 30; i++)
        EQUAL(chdir(".."), 0);
    expect_content("deep/deep/../deep/./deep//deep/../deep/../../../deep/deep/../../.././//deep/deep/deep/"
                   "deep/deep/deep/deep/deep/deep/deep/deep/deep/deep/deep/deep/deep/deep/deep/deep/deep/"
                   "deep/deep/deep/deep/deep/deep/deep/deep/deep/deep/f", "at the bottom");
}

static void duplicates_share_the_offset(void)
{
    int file = make_file("f", "0123456789");
    int other = dup(file);
    char byte = 0;

    CHECK(other > file);
    EQUAL(lseek(file, 4, SEEK_SET), 4);
    EQUAL(read(other, &byte, 1), 1);
    EQUAL(byte, '4');
    EQUAL(dup2(file, 20), 20);
    EQUAL(read(20, &byte, 1), 1);
    EQUAL(byte, '5');
    EQUAL(dup2(file, file), file);
    EQUAL(close(file), 0);
    EQUAL(read(other, &byte, 1), 1);
    EQUAL(byte, '6');
    EQUAL(dup2(other, 20), 20); /* closes what was there */
    EQUAL(close(other), 0);
    EQUAL(close(20), 0);
}

static void descriptors_run_out(void)
{
    int files[TP_FILES];
    unsigned count = 0;
    int file;

    while ((file = open("f", O_CREAT | O_RDWR, 0666)) >= 0 && count < TP_FILES)
        files[count++] = file;
    EQUAL(file, -1);
    EQUAL(errno, EMFILE);
    EQUAL(count, TP_FILES - 3);
    FAILS(dup(0), EMFILE);
    FAILS(pipe((int[2]){0}), EMFILE);
    EQUAL(close(files[7]), 0);
    FAILS(pipe((int[2]){0}), EMFILE); /* one is not enough for a pipe, and is not lost */
    EQUAL(dup(0), files[7]);
    for (unsigned i = 0; i < count; i++)
        EQUAL(close(files[i]), 0);
}

static void devices(void)
{
    char bytes[64];
    int file;

    EQUAL(mknod("zero", S_IFCHR, TP_DEVICE_ZERO << 8), 0);
    EQUAL(mknod("null", S_IFCHR, TP_DEVICE_NULL << 8), 0);
    CHECK(S_ISCHR(status_of("null").st_mode));
    EQUAL(status_of("zero").st_rdev, TP_DEVICE_ZERO << 8);
    CHECK((file = open("zero", O_RDWR)) >= 0);
    memset(bytes, 'x', sizeof bytes);
    EQUAL(read(file, bytes, sizeof bytes), sizeof bytes);
    for (unsigned i = 0; i < sizeof bytes; i++)
        EQUAL(bytes[i], 0);
    EQUAL(write(file, bytes, sizeof bytes), sizeof bytes);
    EQUAL(isatty(file), 0);
    EQUAL(close(file), 0);
    CHECK((file = open("null", O_RDWR)) >= 0);
    EQUAL(read(file, bytes, sizeof bytes), 0);
    EQUAL(write(file, bytes, sizeof bytes), sizeof bytes);
    EQUAL(close(file), 0);
    EQUAL(mknod("nothing", S_IFCHR, 77 << 8), 0); /* a device that nobody drives */
    FAILS(open("nothing", O_RDWR), ENXIO);
    FAILS(mknod("null", S_IFCHR, TP_DEVICE_NULL << 8), EEXIST);
}

static void close_on_exec(void)
{
    int kept = open("kept", O_CREAT | O_RDWR, 0666);
    int closed = open("closed", O_CREAT | O_RDWR | O_CLOEXEC, 0666);
    char kept_text[8], closed_text[8];
    char *const arguments[] = {"calltest", "-x", "descriptors", kept_text, closed_text, NULL};
    pid_t pid;

    snprintf(kept_text, sizeof kept_text, "%d", kept);
    snprintf(closed_text, sizeof closed_text, "%d", closed);
    pid = fork();
    if (pid == 0) {
        execv("/bin/calltest", arguments);
        _exit(1);
    }
    expect_exit(pid, 0);
    EQUAL(write(closed, "still open here", 15), 15);
}

static void syncing(void)
{
    int file = make_file("f", "kept");

    EQUAL(fsync(file), 0);
    sync();
    EQUAL(close(file), 0);
}

static void nothing_to_do(void)
{
    int file = make_file("f", "abc");

    EQUAL(write(file, "", 0), 0);
    EQUAL(read(file, NULL, 0), 0);
    EQUAL(status_of("f").st_size, 3);
    EQUAL(close(file), 0);
}

static const struct test tests[] = {
    {"file_written_is_read", written_is_read},
    {"file_open_flags", open_flags},
    {"file_open_errors", open_errors},
    {"file_bad_descriptors", bad_descriptors},
    {"file_seeking", seeking},
    {"file_holes_read_as_zeros", holes_read_as_zeros},
    {"file_append_goes_to_the_end", append_goes_to_the_end},
    {"file_truncating", truncating},
    {"file_links", links},
    {"file_unlinked_files_live_while_open", unlinked_files_live_while_open},
    {"file_renaming", renaming},
    {"file_renaming_directories", renaming_directories},
    {"file_directories", directories},
    {"file_dot_names_stay", dot_names_stay},
    {"file_removed_current_directory", removed_current_directory},
    {"file_many_names_in_a_directory", many_names_in_a_directory},
    {"file_deep_directories", deep_directories},
    {"file_duplicates_share_the_offset", duplicates_share_the_offset},
    {"file_descriptors_run_out", descriptors_run_out},
    {"file_devices", devices},
    {"file_close_on_exec", close_on_exec},
    {"file_syncing", syncing},
    {"file_nothing_to_do", nothing_to_do},
};

const struct test_table file_tests = TEST_TABLE(tests);
