/*
 * A fuzzing target without libFuzzer: runs it on its seeds and on mutations of them, the same ones
 * every time; or on given files, to see a found input again; or writes the seeds into a folder, to
 * begin a campaign with.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "support/random_guest.h"

static const char usage[] = "usage: %s [--rounds N] [--write-seeds FOLDER] [FILE...]\n";

/* --- Mutations -------------------------------------------------------------------------------- */

static uint8_t edge_byte(struct random_source *source)
{
    static const uint8_t edges[] = {0, 1, 0x7f, 0x80, 0xff, 0xfe, 4, 0x10};
    return edges[random_below(source, sizeof edges)];
}

static size_t cut_or_repeat(struct random_source *source, uint8_t *bytes, size_t size)
{
    size_t from = random_below(source, (uint32_t)size);
    size_t to = random_below(source, (uint32_t)size);
    size_t count = random_below(source, (uint32_t)(size - from)) + 1;
    if (random_chance(source, 50)) { /* cut out */
        memmove(bytes + from, bytes + from + count, size - from - count);
        return size - count;
    }
    if (size + count > FUZZ_MAX_BYTES) {
        return size;
    }
    uint8_t *piece = malloc(count);
    if (piece == NULL) {
        return size;
    }
    memcpy(piece, bytes + from, count);
    memmove(bytes + to + count, bytes + to, size - to);
    memcpy(bytes + to, piece, count);
    free(piece);
    return size + count;
}

/* Changes an input a little; returns its new size. */
static size_t mutate(struct random_source *source, uint8_t *bytes, size_t size)
{
    uint32_t changes = 1 + random_below(source, 4);
    for (uint32_t i = 0; i < changes && size > 0; i++) {
        size_t at = random_below(source, (uint32_t)size);
        switch (random_below(source, 8)) {
        case 0:
            size = random_chance(source, 50) ? cut_or_repeat(source, bytes, size) : at;
            break;
        case 1:
        case 2:
            bytes[at] ^= (uint8_t)(1u << random_below(source, 8));
            break;
        case 3:
            bytes[at] = (uint8_t)random_next(source);
            break;
        default: /* a number of up to eight bytes */
            for (uint32_t count = 1u << random_below(source, 4); count > 0 && at < size; count--) {
                bytes[at++] = edge_byte(source);
            }
            break;
        }
    }
    return size;
}

/* --- Running ---------------------------------------------------------------------------------- */

/* The target gets a buffer of exactly its size, so that a sanitizer sees a byte too many. */
static void run_target(const uint8_t *bytes, size_t size)
{
    uint8_t *copy = malloc(size == 0 ? 1 : size);
    if (copy == NULL) {
        fuzz_fail("no memory for an input");
    }
    memcpy(copy, bytes, size);
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

static unsigned run_seeds(unsigned rounds, uint8_t *bytes)
{
    unsigned runs = 0;
    for (unsigned round = 0; round <= rounds; round++) {
        size_t size;
        for (unsigned index = 0; (size = fuzz_seed(index, bytes)) != 0; index++) {
            struct random_source source = {.state = (uint64_t)round << 16 | index};
            if (round != 0) {
                size = mutate(&source, bytes, size);
            }
            run_target(bytes, size);
            runs++;
        }
    }
    return runs;
}

static bool run_file(const char *path, uint8_t *bytes)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        perror(path);
        return false;
    }
    size_t size = fread(bytes, 1, FUZZ_MAX_BYTES, file);
    fclose(file);
    run_target(bytes, size);
    return true;
}

static bool write_seeds(const char *folder, uint8_t *bytes)
{
    size_t size;
    for (unsigned index = 0; (size = fuzz_seed(index, bytes)) != 0; index++) {
        char path[1024];
        snprintf(path, sizeof path, "%s/seed-%u", folder, index);
        FILE *file = fopen(path, "wb");
        if (file == NULL || fwrite(bytes, 1, size, file) != size || fclose(file) != 0) {
            perror(path);
            return false;
        }
    }
    return true;
}

static int run_arguments(int count, char **arguments, uint8_t *bytes)
{
    unsigned rounds = 100;
    bool has_files = false, is_right = true;
    for (int i = 1; i < count && is_right; i++) {
        bool has_value = i + 1 < count;
        if (strcmp(arguments[i], "--rounds") == 0 && has_value) {
            rounds = (unsigned)strtoul(arguments[++i], NULL, 10);
        } else if (strcmp(arguments[i], "--write-seeds") == 0 && has_value) {
            has_files = true;
            is_right = write_seeds(arguments[++i], bytes);
        } else if (arguments[i][0] == '-') {
            fprintf(stderr, usage, arguments[0]);
            return 2;
        } else {
            has_files = true;
            is_right = run_file(arguments[i], bytes);
        }
    }
    if (is_right && !has_files) {
        printf("%u inputs\n", run_seeds(rounds, bytes));
    }
    return is_right ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int count, char **arguments)
{
    uint8_t *bytes = malloc(FUZZ_MAX_BYTES);
    if (bytes == NULL) {
        return EXIT_FAILURE;
    }
    int status = run_arguments(count, arguments, bytes);
    free(bytes);
    return status;
}
