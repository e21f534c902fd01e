/*
 * sha256: a chain of SHA-256 digests (FIPS 180-4) over a 4 KiB buffer that changes. Straight-line
 * arithmetic, rotations, few branches. size: how many buffers.
 */
#include "bench/bench.h"

enum { BUFFER_BYTES = 4096, BLOCK_BYTES = 64, WORDS = 8, ROUNDS = 64 };

static const uint32_t round_constants[ROUNDS] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static const uint32_t initial_state[WORDS] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                              0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

static const uint32_t digest_of_abc[WORDS] = {0xba7816bf, 0x8f01cfea, 0x414140de, 0x5dae2223,
                                              0xb00361a3, 0x96177a9c, 0xb410ff61, 0xf20015ad};

static uint32_t rotate_right(uint32_t word, uint32_t by)
{
    return word >> by | word << (32 - by);
}

static uint32_t load_big_endian(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static void store_big_endian(uint8_t *bytes, uint32_t word)
{
    for (uint32_t i = 0; i < 4; i++)
        bytes[i] = (uint8_t)(word >> (24 - 8 * i));
}

static void expand(uint32_t schedule[ROUNDS], const uint8_t *block)
{
    for (uint32_t i = 0; i < 16; i++)
        schedule[i] = load_big_endian(block + 4 * i);
    for (uint32_t i = 16; i < ROUNDS; i++) {
        uint32_t early = schedule[i - 15], late = schedule[i - 2];
        uint32_t s0 = rotate_right(early, 7) ^ rotate_right(early, 18) ^ early >> 3;
        uint32_t s1 = rotate_right(late, 17) ^ rotate_right(late, 19) ^ late >> 10;

        schedule[i] = schedule[i - 16] + s0 + schedule[i - 7] + s1;
    }
}

static void compress(uint32_t state[WORDS], const uint8_t *block)
{
    uint32_t schedule[ROUNDS];
    uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
    uint32_t e = state[4], f = state[5], g = state[6], h = state[7];

    expand(schedule, block);
    for (uint32_t i = 0; i < ROUNDS; i++) {
        uint32_t s1 = rotate_right(e, 6) ^ rotate_right(e, 11) ^ rotate_right(e, 25);
        uint32_t s0 = rotate_right(a, 2) ^ rotate_right(a, 13) ^ rotate_right(a, 22);
        uint32_t first = h + s1 + ((e & f) ^ (~e & g)) + round_constants[i] + schedule[i];
        uint32_t second = s0 + ((a & b) ^ (a & c) ^ (b & c));

        h = g;
        g = f;
        f = e;
        e = d + first;
        d = c;
        c = b;
        b = a;
        a = first + second;
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
    state[4] += e;
    state[5] += f;
    state[6] += g;
    state[7] += h;
}

static void digest(uint32_t state[WORDS], const uint8_t *bytes, uint32_t size)
{
    uint8_t tail[2 * BLOCK_BYTES];
    uint32_t whole = size / BLOCK_BYTES * BLOCK_BYTES, rest = size - whole;
    uint32_t tail_bytes = rest < BLOCK_BYTES - 8 ? BLOCK_BYTES : 2 * BLOCK_BYTES;

    memcpy(state, initial_state, sizeof initial_state);
    for (uint32_t i = 0; i < whole; i += BLOCK_BYTES)
        compress(state, bytes + i);
    memset(tail, 0, sizeof tail);
    memcpy(tail, bytes + whole, rest);
    tail[rest] = 0x80;
    store_big_endian(tail + tail_bytes - 4, 8 * size);
    for (uint32_t i = 0; i < tail_bytes; i += BLOCK_BYTES)
        compress(state, tail + i);
}

uint32_t bench_main(uint32_t size)
{
    static uint8_t buffer[BUFFER_BYTES];
    uint32_t state[WORDS], random = 0x6c078965u, sum = BENCH_SUM;

    digest(state, (const uint8_t *)"abc", 3);
    for (uint32_t i = 0; i < WORDS; i++) {
        if (state[i] != digest_of_abc[i])
            return BENCH_WRONG;
    }
    for (uint32_t i = 0; i < BUFFER_BYTES; i++)
        buffer[i] = (uint8_t)bench_random(&random);
    for (uint32_t round = 0; round < size; round++) {
        digest(state, buffer, BUFFER_BYTES);
        for (uint32_t i = 0; i < WORDS; i++)
            store_big_endian(buffer + (round % (BUFFER_BYTES / 32)) * 32 + 4 * i, state[i]);
        sum = bench_add(sum, state[0]);
    }
    return sum;
}
