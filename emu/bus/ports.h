/*
 * Constants from devices.def: TG_DEVICE_KEYBOARD (index), TG_SOURCE_KEYBOARD,
 * TG_PORT_KEYBOARD_DATA, TG_SHIFT_KEYBOARD_STATUS_READY and TG_MASK_... of its fields. Nothing here
 * knows of a machine. Manual: docs/devices.md.
 */
#ifndef TG_PORTS_H
#define TG_PORTS_H

#include <stdint.h>

#define TG_NO_SOURCE 0xff

enum tg_device_index {
#define TG_DEVICE(ID, ...) TG_DEVICE_##ID,
#include "devices.def"
    TG_DEVICE_COUNT
};

enum tg_source {
#define TG_DEVICE(ID, id, source, ...) TG_SOURCE_##ID = (source),
#include "devices.def"
};

enum tg_window_bytes {
#define TG_DEVICE(ID, id, source, memory_base, memory_bytes, ...)                                  \
    TG_WINDOW_BYTES_##ID = (memory_bytes),
#include "devices.def"
};

enum tg_port {
#define TG_REGISTER(DEVICE, NAME, port, ...) TG_PORT_##DEVICE##_##NAME = (port),
#include "devices.def"
};

enum tg_bits_shift {
#define TG_BITS(DEVICE, REGISTER, NAME, high, low, ...)                                            \
    TG_SHIFT_##DEVICE##_##REGISTER##_##NAME = (low),
#include "devices.def"
};

enum tg_bits_width {
#define TG_BITS(DEVICE, REGISTER, NAME, high, low, ...)                                            \
    TG_WIDTH_##DEVICE##_##REGISTER##_##NAME = (high) - (low) + 1,
#include "devices.def"
};

/* The bits of a field, as in TG_MASK(KEYBOARD_STATUS_READY); value moved into a field; a field's
 * value. */
#define TG_MASK(field)          ((UINT32_MAX >> (32 - TG_WIDTH_##field)) << TG_SHIFT_##field)
#define TG_PUT(field, value)    (((uint32_t)(value) << TG_SHIFT_##field) & TG_MASK(field))
#define TG_GET(field, register) (((register) & TG_MASK(field)) >> TG_SHIFT_##field)

#endif
