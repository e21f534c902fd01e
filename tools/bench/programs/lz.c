/*
 * lz: compresses 16 KiB of generated text by replacing repeats with (distance, length), expands it
 * again, and compares the CRC-32 of both. Byte loads, table look-ups, unpredictable branches. size:
 * how many times.
 */
#include "bench/bench.h"

enum {
    TEXT_BYTES = 16384,
    PACKED_MAX = TEXT_BYTES + TEXT_BYTES / 8 + 16,
    HASHES = 4096,
    TRIES_MAX = 16,
    MATCH_MIN = 4,
    MATCH_MAX = 255 + MATCH_MIN
};

static uint8_t text[TEXT_BYTES], packed[PACKED_MAX], unpacked[TEXT_BYTES];
static uint32_t crc_table[256];
static int32_t newest[HASHES];       /* the last position with this hash, or -1 */
static int32_t previous[TEXT_BYTES]; /* the position before this one with the same hash, or -1 */

static void build_crc_table(void)
{
    for (uint32_t byte = 0; byte < 256; byte++) {
        uint32_t crc = byte;

        for (uint32_t bit = 0; bit < 8; bit++)
            crc = crc & 1 ? crc >> 1 ^ 0xedb88320u : crc >> 1;
        crc_table[byte] = crc;
    }
}

static uint32_t crc32(const uint8_t *bytes, uint32_t size)
{
    uint32_t crc = ~0u;

    for (uint32_t i = 0; i < size; i++)
        crc = crc_table[(crc ^ bytes[i]) & 0xff] ^ crc >> 8;
    return ~crc;
}

/* Text with repeats: new bytes mixed with copies of what came before. */
static void write_text(uint32_t *random)
{
    uint32_t at = 0;

    while (at < TEXT_BYTES) {
        uint32_t number = bench_random(random);
        uint32_t length = 3 + number / 8 % 24;

        if (length > TEXT_BYTES - at)
            length = TEXT_BYTES - at;
        if (number % 4 == 0 || at < 64) {
            for (uint32_t i = 0; i < length; i++)
                text[at + i] = (uint8_t)('a' + bench_random(random) % 26);
        } else {
            uint32_t distance = 1 + number / 256 % (at < 4096 ? at : 4096);

            for (uint32_t i = 0; i < length; i++)
                text[at + i] = text[at + i - distance];
        }
        at += length;
    }
}

static uint32_t hash_at(uint32_t at)
{
    uint32_t four = text[at] | (uint32_t)text[at + 1] << 8 | (uint32_t)text[at + 2] << 16 |
                    (uint32_t)text[at + 3] << 24;

    return four * 0x9e3779b1u >> 20;
}

static void remember(uint32_t at)
{
    uint32_t hash;

    if (at + MATCH_MIN > TEXT_BYTES)
        return;
    hash = hash_at(at);
    previous[at] = newest[hash];
    newest[hash] = (int32_t)at;
}

/* The longest match of the text at this place, 0 if there is none; its start goes to *start. */
static uint32_t find_match(uint32_t at, uint32_t *start)
{
    uint32_t limit = TEXT_BYTES - at < MATCH_MAX ? TEXT_BYTES - at : MATCH_MAX, best = 0;
    int32_t candidate = limit < MATCH_MIN ? -1 : newest[hash_at(at)];

    for (uint32_t tries = 0; candidate >= 0 && tries < TRIES_MAX; tries++) {
        const uint8_t *here = text + at, *there = text + candidate;
        uint32_t length = 0;

        while (length < limit && here[length] == there[length])
            length++;
        if (length > best) {
            best = length;
            *start = (uint32_t)candidate;
        }
        candidate = previous[candidate];
    }
    return best < MATCH_MIN ? 0 : best;
}

/* Groups of eight items after a byte of flags: 0 a literal byte, 1 distance (2 bytes, less one) and
 * length. */
static uint32_t pack(void)
{
    uint32_t at = 0, out = 0, flags_at = 0, items = 0;

    memset(newest, 0xff, sizeof newest);
    while (at < TEXT_BYTES) {
        uint32_t start = 0, length = find_match(at, &start), bit = items++ % 8;

        if (bit == 0) {
            flags_at = out++;
            packed[flags_at] = 0;
        }
        if (length == 0) {
            packed[out++] = text[at];
            remember(at++);
            continue;
        }
        packed[flags_at] |= (uint8_t)(1u << bit);
        packed[out++] = (uint8_t)(at - start - 1);
        packed[out++] = (uint8_t)((at - start - 1) >> 8);
        packed[out++] = (uint8_t)(length - MATCH_MIN);
        for (uint32_t end = at + length; at < end; at++)
            remember(at);
    }
    return out;
}

static uint32_t unpack(uint32_t packed_bytes)
{
    uint32_t in = 0, out = 0, flags = 0, items = 0;

    while (in < packed_bytes) {
        if (items++ % 8 == 0)
            flags = packed[in++];
        if (flags & 1) {
            uint32_t distance = 1u + packed[in] + ((uint32_t)packed[in + 1] << 8);
            uint32_t length = packed[in + 2] + (uint32_t)MATCH_MIN;

            for (uint32_t end = out + length; out < end; out++)
                unpacked[out] = unpacked[out - distance];
            in += 3;
        } else {
            unpacked[out++] = packed[in++];
        }
        flags >>= 1;
    }
    return out;
}

uint32_t bench_main(uint32_t size)
{
    uint32_t random = 0x5bd1e995u, sum = BENCH_SUM;

    build_crc_table();
    for (uint32_t round = 0; round < size; round++) {
        uint32_t crc, packed_bytes;

        write_text(&random);
        crc = crc32(text, TEXT_BYTES);
        packed_bytes = pack();
        memset(unpacked, 0, TEXT_BYTES);
        if (packed_bytes >= TEXT_BYTES || unpack(packed_bytes) != TEXT_BYTES)
            return BENCH_WRONG;
        if (crc32(unpacked, TEXT_BYTES) != crc)
            return BENCH_WRONG;
        sum = bench_add(bench_add(sum, crc), packed_bytes);
    }
    return sum;
}
