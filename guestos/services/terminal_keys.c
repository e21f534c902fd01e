/*
 * Scan codes to characters. What each key types is the machine's own table (emu/bus/keys.def);
 * here is only what shift, caps lock and control make of it.
 */
#include "terminal.h"

/* The keys of keys.def that type nothing themselves. */
enum key {
    KEY_CONTROL = 0x1d,
    KEY_LEFT_SHIFT = 0x2a,
    KEY_RIGHT_SHIFT = 0x36,
    KEY_CAPS_LOCK = 0x3a
};

#define KEY_RELEASED 0x80u
#define KEYS         0x80u

static const struct {
    char plain, shifted;
} table[KEYS] = {
#define TG_KEY(code, plain, shifted, name) [code] = {(plain), (shifted)},
#include "bus/keys.def"
};

static bool is_letter(char c)
{
    return c >= 'a' && c <= 'z';
}

/* What control makes of a character: control-A to control-Z and @ [ \ ] ^ _ are 0 to 31. */
static char with_control(char c)
{
    if (is_letter(c) || (c >= '@' && c <= '_'))
        return (char)(c & 0x1f);
    return c == '?' ? '\177' : c;
}

int terminal_key(struct terminal_keys *keys, uint8_t code)
{
    bool is_down = !(code & KEY_RELEASED);
    uint8_t key = code & (KEYS - 1);
    char plain = table[key].plain;
    bool is_shift;

    switch (key) {
    case KEY_LEFT_SHIFT:
        keys->is_left_shift = is_down;
        return -1;
    case KEY_RIGHT_SHIFT:
        keys->is_right_shift = is_down;
        return -1;
    case KEY_CONTROL:
        keys->is_control = is_down;
        return -1;
    case KEY_CAPS_LOCK:
        keys->is_caps_lock ^= is_down;
        return -1;
    default:
        break;
    }
    if (!is_down || plain == 0)
        return -1;
    is_shift = keys->is_left_shift || keys->is_right_shift;
    if (is_letter(plain) && keys->is_caps_lock)
        is_shift = !is_shift;
    if (is_shift && table[key].shifted != 0)
        plain = table[key].shifted;
    return keys->is_control ? with_control(plain) : plain;
}
