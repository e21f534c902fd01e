/*
 * Little-endian numbers of 1, 2, 4 or 8 bytes in host memory, on any host.
 */
#ifndef TG_BYTES_H
#define TG_BYTES_H

#include <stdint.h>

/* 0 where it is not known. */
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define TG_HOST_IS_LITTLE_ENDIAN 1
#else
#define TG_HOST_IS_LITTLE_ENDIAN 0
#endif

static inline void tg_put_le(uint8_t *bytes, uint32_t width, uint64_t value)
{
    for (uint32_t i = 0; i < width; i++) {
        bytes[i] = (uint8_t)(value >> (8 * i));
    }
}

static inline uint64_t tg_get_le(const uint8_t *bytes, uint32_t width)
{
    uint64_t value = 0;
    for (uint32_t i = 0; i < width; i++) {
        value |= (uint64_t)bytes[i] << (8 * i);
    }
    return value;
}

#endif
