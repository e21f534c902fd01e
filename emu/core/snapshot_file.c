/*
 * The file form of snapshots: a header with sizes and a checksum over everything, then the payload
 * compressed by zstd. Knows nothing of machines. Format: docs/formats.md.
 */
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>
#include <zstd.h>

#include "core/bytes.h"
#include "core/error.h"
#include "core/snapshot.h"

#define MAGIC       "\x89TGSNAP\n"
#define MAGIC_BYTES 8

/* Offsets of the header's numbers, little-endian. */
enum {
    AT_VERSION = 8,           /* u32 */
    AT_RESERVED = 12,         /* u32, 0 */
    AT_LAYOUT = 16,           /* u64 */
    AT_PAYLOAD_BYTES = 24,    /* u64 */
    AT_COMPRESSED_BYTES = 32, /* u64 */
    AT_CHECKSUM = 40,         /* u64, XXH3-64 of the header before it and all after it */
    HEADER_BYTES = 48
};

/* More than the largest machine can need; so a hostile file cannot ask for more. */
#define MAX_PAYLOAD_BYTES (UINT64_C(1) << 34)
#define COMPRESSION_LEVEL 1
#define FIRST_ROOM        (UINT32_C(1) << 20)

uint8_t *tg_buffer_add(struct tg_buffer *buffer, size_t count)
{
    if (buffer->is_full) {
        return NULL;
    }
    if (count > buffer->room - buffer->used) {
        size_t room = buffer->room < FIRST_ROOM ? FIRST_ROOM : buffer->room;
        while (count > room - buffer->used && room <= SIZE_MAX / 2) {
            room *= 2;
        }
        uint8_t *bytes = count > room - buffer->used ? NULL : realloc(buffer->bytes, room);
        if (bytes == NULL) {
            buffer->is_full = true;
            return NULL;
        }
        buffer->bytes = bytes;
        buffer->room = room;
    }
    buffer->used += count;
    return buffer->bytes + buffer->used - count;
}

static uint64_t checksum_of(const uint8_t *file, size_t size)
{
    uint64_t header = XXH3_64bits(file, AT_CHECKSUM);
    return XXH3_64bits_withSeed(file + HEADER_BYTES, size - HEADER_BYTES, header);
}

int tg_payload_pack(const uint8_t *payload, size_t size, void **ret_file, size_t *ret_size)
{
    size_t bound = ZSTD_compressBound(size);
    uint8_t *file = malloc(HEADER_BYTES + bound);
    if (file == NULL) {
        return TG_E_NOMEM;
    }
    size_t compressed = ZSTD_compress(file + HEADER_BYTES, bound, payload, size, COMPRESSION_LEVEL);
    if (ZSTD_isError(compressed)) { /* with room for the bound only memory can be missing */
        free(file);
        return TG_E_NOMEM;
    }
    memcpy(file, MAGIC, MAGIC_BYTES);
    tg_put_le(file + AT_VERSION, 4, TG_SNAPSHOT_VERSION);
    tg_put_le(file + AT_RESERVED, 4, 0);
    tg_put_le(file + AT_LAYOUT, 8, tg_payload_layout());
    tg_put_le(file + AT_PAYLOAD_BYTES, 8, size);
    tg_put_le(file + AT_COMPRESSED_BYTES, 8, compressed);
    tg_put_le(file + AT_CHECKSUM, 8, checksum_of(file, HEADER_BYTES + compressed));
    uint8_t *shrunk = realloc(file, HEADER_BYTES + compressed);
    *ret_file = shrunk != NULL ? shrunk : file;
    *ret_size = HEADER_BYTES + compressed;
    return TG_OK;
}

static int check_header(const uint8_t *file, size_t size, struct tg_error *error)
{
    if (size < HEADER_BYTES) {
        return tg_fail(error, TG_E_FORMAT, "snapshot: a header has %d bytes, the file has %zu",
                       HEADER_BYTES, size);
    }
    if (memcmp(file, MAGIC, MAGIC_BYTES) != 0) {
        return tg_fail(error, TG_E_FORMAT, "snapshot: this is no Tollgate snapshot (wrong magic)");
    }
    uint64_t version = tg_get_le(file + AT_VERSION, 4);
    if (version != TG_SNAPSHOT_VERSION) {
        return tg_fail(error, TG_E_FORMAT, "snapshot: format version %d expected, found %llu",
                       TG_SNAPSHOT_VERSION, (unsigned long long)version);
    }
    uint64_t compressed = tg_get_le(file + AT_COMPRESSED_BYTES, 8);
    if (compressed != size - HEADER_BYTES) {
        return tg_fail(error, TG_E_FORMAT,
                       "snapshot: %llu bytes expected after the header, found %zu: the file is cut "
                       "off or damaged",
                       (unsigned long long)compressed, size - HEADER_BYTES);
    }
    if (tg_get_le(file + AT_CHECKSUM, 8) != checksum_of(file, size)) {
        return tg_fail(error, TG_E_FORMAT,
                       "snapshot: the checksum does not fit: the file is damaged");
    }
    if (tg_get_le(file + AT_LAYOUT, 8) != tg_payload_layout()) {
        return tg_fail(error, TG_E_FORMAT,
                       "snapshot: made by another version of Tollgate, whose machine has other "
                       "state; run the image again with this one");
    }
    if (tg_get_le(file + AT_RESERVED, 4) != 0 ||
        tg_get_le(file + AT_PAYLOAD_BYTES, 8) > MAX_PAYLOAD_BYTES) {
        return tg_fail(error, TG_E_FORMAT, "snapshot: the header is damaged");
    }
    return TG_OK;
}

/* Decompresses one whole frame step by step, so that memory is taken for what is there and not for
 * what a header claims. Returns whether input held exactly expected bytes and nothing else. */
static bool decompress(ZSTD_DCtx *context, ZSTD_inBuffer *input, uint64_t expected,
                       struct tg_buffer *payload)
{
    size_t step = ZSTD_DStreamOutSize();
    size_t left = 1;
    while (left != 0) {
        uint8_t *to = tg_buffer_add(payload, step);
        if (to == NULL) {
            return false;
        }
        ZSTD_outBuffer output = {to, step, 0};
        size_t consumed = input->pos;
        left = ZSTD_decompressStream(context, &output, input);
        payload->used -= step - output.pos;
        bool is_stuck = output.pos == 0 && input->pos == consumed && left != 0;
        if (ZSTD_isError(left) || is_stuck || payload->used > expected) {
            return false;
        }
    }
    return payload->used == expected && input->pos == input->size;
}

int tg_payload_unpack(const void *file, size_t size, uint8_t **ret_payload, size_t *ret_size,
                      struct tg_error *error)
{
    int result = check_header(file, size, error);
    if (result != TG_OK) {
        return result;
    }
    struct tg_buffer payload = {0};
    ZSTD_DCtx *context = ZSTD_createDCtx();
    ZSTD_inBuffer input = {(const uint8_t *)file + HEADER_BYTES, size - HEADER_BYTES, 0};
    uint64_t expected = tg_get_le((const uint8_t *)file + AT_PAYLOAD_BYTES, 8);
    bool is_right = context != NULL && decompress(context, &input, expected, &payload);
    ZSTD_freeDCtx(context);
    if (is_right) {
        *ret_payload = payload.bytes;
        *ret_size = payload.used;
        return TG_OK;
    }
    free(payload.bytes);
    if (context == NULL || payload.is_full) {
        return tg_fail(error, TG_E_NOMEM, "snapshot: the host has no memory for it");
    }
    return tg_fail(error, TG_E_FORMAT, "snapshot: the compressed data is damaged");
}
