/* Rules of the guest's C library, guestos/lib: mostly that it does what the host's does. */
#include <check.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib.h"

/* names.h has these names. */
long guest_strtol(const char *text, char **ret_end, int base);
unsigned long guest_strtoul(const char *text, char **ret_end, int base);
int guest_atoi(const char *text);
void guest_qsort(void *base, size_t count, size_t bytes, int (*compare)(const void *, const void *));
void *guest_bsearch(const void *key, const void *base, size_t count, size_t bytes,
                    int (*compare)(const void *, const void *));
void *guest_malloc(size_t bytes);
void *guest_calloc(size_t count, size_t bytes);
void *guest_realloc(void *memory, size_t bytes);
void guest_free(void *memory);
void *guest_sbrk(ptrdiff_t bytes);
char *guest_strstr(const char *text, const char *part);
char *guest_strrchr(const char *text, int character);
char *guest_strncpy(char *to, const char *from, size_t count);
char *guest_strtok_r(char *text, const char *set, char **ret_rest);
size_t guest_strcspn(const char *text, const char *set);
int guest_strncmp(const char *a, const char *b, size_t count);

/* Of the library's start, which is not here. */
void (*tp_before_fork)(void);

static uint32_t seed = 1;

static uint32_t random_number(void)
{
    seed = seed * 1664525 + 1013904223;
    return seed >> 8;
}

/* --- Formats ----------------------------------------------------------------------------------- */

struct text {
    char bytes[512];
    size_t used;
};

static void put(void *context, const char *bytes, size_t count)
{
    struct text *text = context;

    ck_assert_uint_lt(text->used + count, sizeof text->bytes);
    memcpy(text->bytes + text->used, bytes, count);
    text->used += count;
}

__attribute__((format(printf, 1, 2))) static void check_format(const char *format, ...)
{
    struct text text = {.used = 0};
    char expected[512];
    va_list arguments, again;
    int count, expected_count;

    va_start(arguments, format);
    va_copy(again, arguments);
    count = tp_format(put, &text, format, arguments);
    expected_count = vsnprintf(expected, sizeof expected, format, again);
    va_end(again);
    va_end(arguments);
    text.bytes[text.used] = '\0';
    ck_assert_msg(count == expected_count && strcmp(text.bytes, expected) == 0,
                  "format \"%s\": got \"%s\" (%d), expected \"%s\" (%d)", format, text.bytes, count,
                  expected, expected_count);
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat"
#pragma GCC diagnostic ignored "-Wformat-nonliteral"

START_TEST(formats_of_numbers_are_the_hosts)
{
    static const char letters[] = "diuxXo", *const flags[] = {"", "-", "0", "+", " ", "#", "-#", "+0", "#0"};
    static const char *const widths[] = {"", "1", "8", "20"}, *const precisions[] = {"", ".", ".0", ".5", ".12"};
    static const int values[] = {0, 1, -1, 7, 42, -12345, INT_MAX, INT_MIN};
    char format[32];

    for (const char *letter = letters; *letter; letter++)
        for (size_t f = 0; f < sizeof flags / sizeof *flags; f++)
            for (size_t w = 0; w < sizeof widths / sizeof *widths; w++)
                for (size_t p = 0; p < sizeof precisions / sizeof *precisions; p++)
                    for (size_t v = 0; v < sizeof values / sizeof *values; v++) {
                        snprintf(format, sizeof format, "[%%%s%s%s%c]", flags[f], widths[w], precisions[p], *letter);
                        check_format(format, values[v]);
                        snprintf(format, sizeof format, "%%%s%s%sll%c|", flags[f], widths[w], precisions[p], *letter);
                        check_format(format, values[v] * 1234567890LL);
                    }
}
END_TEST
#pragma GCC diagnostic pop

START_TEST(formats_of_texts_and_sizes_are_the_hosts)
{
    check_format("%s|%10s|%-10s|%.2s|%*s|%-*s|%.*s", "abc", "abc", "abc", "abc", 6, "x", 6, "x", 1, "xyz");
    check_format("%c%5c%-5c|%%", 'a', 'b', 'c');
    check_format("%hd %hhd %hu %hhu", (short)-3, (signed char)-3, (unsigned short)65535, (unsigned char)255);
    check_format("%ld %lu %zu %td %jd", LONG_MIN, ULONG_MAX, (size_t)-1, (ptrdiff_t)-5, INTMAX_MIN);
    check_format("%*d|%-*d|%*d", 8, 1, 8, 2, -8, 3);
    check_format("%p", (void *)(uintptr_t)0x1234abcd);
    check_format("plain%%text");
}
END_TEST

/* --- Numbers, sorting, strings ----------------------------------------------------------------- */

START_TEST(numbers_in_texts_are_the_hosts)
{
    static const char *const texts[] = {"", " 42", "-17x", "+8", "0x1fz", "0x", "077", "08", "zz", "-", "0",
        "9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809",
        "99999999999999999999999", "18446744073709551615", "18446744073709551616", "\t\n 5", "0xg", "1e5"};
    static const int bases[] = {0, 2, 8, 10, 16, 36};

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        for (size_t b = 0; b < sizeof bases / sizeof *bases; b++) {
            char *end, *guest_end;
            long value, guest_value;
            int error, guest_error;

            errno = 0;
            value = strtol(texts[i], &end, bases[b]);
            error = errno;
            errno = 0;
            guest_value = guest_strtol(texts[i], &guest_end, bases[b]);
            guest_error = errno;
            ck_assert_msg(value == guest_value && end == guest_end && error == guest_error,
                          "strtol(\"%s\", %d): %ld", texts[i], bases[b], guest_value);
            ck_assert_uint_eq(strtoul(texts[i], &end, bases[b]), guest_strtoul(texts[i], &guest_end, bases[b]));
            ck_assert_ptr_eq(end, guest_end);
        }
    }
    ck_assert_int_eq(guest_atoi(" -2147483648"), INT_MIN);
}
END_TEST

static int compare(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

    return left < right ? -1 : left > right;
}

START_TEST(sorting_and_searching_agree_with_the_hosts)
{
    uint32_t numbers[200], expected[200];

    for (size_t count = 0; count <= 200; count++) {
        for (size_t i = 0; i < count; i++)
            numbers[i] = expected[i] = random_number() % 50;
        guest_qsort(numbers, count, sizeof *numbers, compare);
        qsort(expected, count, sizeof *expected, compare);
        ck_assert_mem_eq(numbers, expected, count * sizeof *numbers);
        for (uint32_t key = 0; key < 52; key++) {
            const uint32_t *found = guest_bsearch(&key, numbers, count, sizeof *numbers, compare);

            ck_assert_int_eq(found != NULL, bsearch(&key, expected, count, sizeof *expected, compare) != NULL);
            ck_assert(!found || *found == key);
        }
    }
}
END_TEST

static const char *random_text(char *to, size_t most)
{
    size_t length = random_number() % most;

    for (size_t i = 0; i < length; i++)
        to[i] = (char)('a' + random_number() % 3);
    to[length] = '\0';
    return to;
}

START_TEST(strings_are_the_hosts)
{
    for (int round = 0; round < 20000; round++) {
        char a[24], b[6], copy[2][24], *rest, *guest_rest;
        size_t count = random_number() % 20;

        random_text(a, 24);
        random_text(b, 6);
        ck_assert_ptr_eq(guest_strstr(a, b), strstr(a, b));
        ck_assert_ptr_eq(guest_strrchr(a, 'b'), strrchr(a, 'b'));
        ck_assert_uint_eq(guest_strcspn(a, b), strcspn(a, b));
        ck_assert_int_eq(guest_strncmp(a, b, count) < 0, strncmp(a, b, count) < 0);
        ck_assert_int_eq(guest_strncmp(a, b, count) == 0, strncmp(a, b, count) == 0);
        memset(copy, 'x', sizeof copy);
        guest_strncpy(copy[0], a, count);
        for (size_t i = 0, is_over = 0; i < count; i++) {
            is_over = is_over || !a[i];
            copy[1][i] = is_over ? '\0' : a[i];
        }
        ck_assert_mem_eq(copy[0], copy[1], sizeof copy[0]);
        memcpy(copy[0], a, sizeof a);
        memcpy(copy[1], a, sizeof a);
        for (char *at = strtok_r(copy[0], "b", &rest), *guest = guest_strtok_r(copy[1], "b", &guest_rest);
             at || guest; at = strtok_r(NULL, "b", &rest), guest = guest_strtok_r(NULL, "b", &guest_rest)) {
            ck_assert(at && guest);
            ck_assert_str_eq(at, guest);
        }
    }
}
END_TEST

/* --- The heap ---------------------------------------------------------------------------------- */

static _Alignas(4096) char memory[1 << 20];
static size_t memory_used = 5; /* not aligned */

void *guest_sbrk(ptrdiff_t bytes)
{
    char *before = memory + memory_used;

    if (bytes > (ptrdiff_t)(sizeof memory - memory_used)) {
        errno = ENOMEM;
        return (void *)-1;
    }
    memory_used += (size_t)bytes;
    return before;
}

struct piece {
    unsigned char *bytes;
    size_t size;
    unsigned char with;
};

static void check_piece(const struct piece *piece)
{
    size_t wrong = 0;

    for (size_t i = 0; i < piece->size; i++)
        wrong += piece->bytes[i] != piece->with;
    ck_assert_uint_eq(wrong, 0);
    ck_assert_uint_eq((uintptr_t)piece->bytes % 8, 0);
}

START_TEST(heap_keeps_pieces_apart)
{
    struct piece pieces[64] = {{NULL, 0, 0}};
    size_t room;

    for (int round = 0; round < 20000; round++) {
        struct piece *piece = &pieces[random_number() % 64];
        size_t size = random_number() % (random_number() % 16 ? 300 : 9000);

        check_piece(piece);
        if (piece->bytes && random_number() % 3 == 0) {
            unsigned char *larger = guest_realloc(piece->bytes, size);

            ck_assert_ptr_nonnull(larger);
            piece->bytes = larger;
            piece->size = size < piece->size ? size : piece->size;
            check_piece(piece);
        } else {
            guest_free(piece->bytes);
            piece->bytes = guest_malloc(size);
            ck_assert_ptr_nonnull(piece->bytes);
        }
        piece->size = size;
        piece->with = (unsigned char)random_number();
        memset(piece->bytes, piece->with, size);
    }
    for (int i = 0; i < 64; i++)
        guest_free(pieces[i].bytes);
    /* All joined again: what there is, in one piece. */
    room = memory_used - 128;
    memory_used = sizeof memory;
    ck_assert_ptr_nonnull(guest_malloc(room));
}
END_TEST

START_TEST(heap_refuses_what_there_is_not)
{
    ck_assert_ptr_null(guest_malloc((size_t)-1));
    ck_assert_ptr_null(guest_malloc(sizeof memory + 1));
    ck_assert_ptr_null(guest_calloc((size_t)1 << 40, (size_t)1 << 40));
    ck_assert_int_eq(errno, ENOMEM);
    ck_assert_ptr_nonnull(guest_malloc(0));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("guest libc");
    TCase *all = tcase_create("all");
    SRunner *runner;
    int failed;

    tcase_add_test(all, formats_of_numbers_are_the_hosts);
    tcase_add_test(all, formats_of_texts_and_sizes_are_the_hosts);
    tcase_add_test(all, numbers_in_texts_are_the_hosts);
    tcase_add_test(all, sorting_and_searching_agree_with_the_hosts);
    tcase_add_test(all, strings_are_the_hosts);
    tcase_add_test(all, heap_keeps_pieces_apart);
    tcase_add_test(all, heap_refuses_what_there_is_not);
    suite_add_tcase(suite, all);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
