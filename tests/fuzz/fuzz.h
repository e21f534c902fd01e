/*
 * What a fuzzing target is. Each is linked with standalone.c, which runs it on its seeds and their
 * mutations in every test run, and with libFuzzer for campaigns (run.sh). A target ends the
 * process, with a text, when a rule is broken.
 */
#ifndef TG_FUZZ_H
#define TG_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* Longest input that a target looks at. */
#define FUZZ_MAX_BYTES ((size_t)1 << 17)

/* Runs the target on an input; always returns 0 (the name and the rule are libFuzzer's). */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* Puts the target's seed number index into bytes (room for FUZZ_MAX_BYTES) and returns its size; 0:
 * there is none. */
size_t fuzz_seed(unsigned index, uint8_t *bytes);

/* A rule was broken: says so and ends the process. */
__attribute__((format(printf, 1, 2), noreturn)) void fuzz_fail(const char *format, ...);

#endif
