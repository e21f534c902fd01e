/*
 * Call frame information: .debug_frame and .eh_frame, decoded from the bytes (DWARF 5 section 6.4).
 * libdw's own decoder needs a backend for the machine, of which it has none; registers have the
 * numbers of RISC-V's ABI, which are TG32's too. Rules that are DWARF expressions are reported as
 * unsupported: no compiler for this machine makes them.
 */
#include "debug/program_internal.h"

#include <dwarf.h>
#include <stdlib.h>
#include <string.h>

#define MAX_ROWS  (UINT32_C(1) << 20)
#define MAX_SAVED 16 /* DW_CFA_remember_state inside each other */
#define EH_ABSPTR 0x00
#define EH_UDATA4 0x03
#define EH_SDATA4 0x0b
#define EH_PCREL  0x10

/* --- Bytes ------------------------------------------------------------------------------------ */

/* Reading position; is_bad once something was not there. */
struct cursor {
    const uint8_t *bytes;
    size_t at, end;
    bool is_bad;
};

static uint32_t get(struct cursor *c, size_t count)
{
    uint32_t number = 0;
    if (count > c->end - c->at) {
        c->is_bad = true;
        c->at = c->end;
        return 0;
    }
    for (size_t i = 0; i < count; i++)
        number |= (uint32_t)c->bytes[c->at + i] << (8 * i);
    c->at += count;
    return number;
}

static uint32_t get_uleb(struct cursor *c)
{
    uint32_t number = 0, byte;
    unsigned shift = 0;
    do {
        byte = get(c, 1);
        if (shift < 32)
            number |= (byte & 0x7f) << shift;
        shift += shift < 64 ? 7 : 0;
    } while ((byte & 0x80) != 0 && !c->is_bad);
    return number;
}

static int32_t get_sleb(struct cursor *c)
{
    uint32_t number = 0, byte;
    unsigned shift = 0;
    do {
        byte = get(c, 1);
        if (shift < 32)
            number |= (byte & 0x7f) << shift;
        shift += shift < 64 ? 7 : 0;
    } while ((byte & 0x80) != 0 && !c->is_bad);
    if (shift < 32 && (byte & 0x40) != 0)
        number |= UINT32_MAX << shift;
    return (int32_t)number;
}

static void skip(struct cursor *c, size_t count)
{
    if (count > c->end - c->at) {
        c->is_bad = true;
        count = c->end - c->at;
    }
    c->at += count;
}

/* An encoded pointer of .eh_frame; address: of the section. */
static uint32_t get_pointer(struct cursor *c, uint32_t encoding, uint32_t address)
{
    uint32_t place = address + (uint32_t)c->at;
    switch (encoding & 0x0f) {
    case EH_ABSPTR:
    case EH_UDATA4:
    case EH_SDATA4:
        break;
    default:
        c->is_bad = true;
    }
    if ((encoding & 0x70) != 0 && (encoding & 0x70) != EH_PCREL)
        c->is_bad = true;
    uint32_t number = get(c, 4);
    return (encoding & EH_PCREL) != 0 ? number + place : number;
}

/* --- Entries ---------------------------------------------------------------------------------- */

struct entry {
    size_t offset, next;
    struct cursor body; /* after the identity */
    bool is_common;     /* CIE */
    size_t common;      /* else: offset of its CIE */
};

static bool read_entry(const struct tg_bytes *section, bool is_eh, size_t offset,
                       struct entry *ret_entry)
{
    struct cursor c = {section->bytes, offset, section->size, false};
    uint32_t length = get(&c, 4);
    if (c.is_bad || length < 4 || length > c.end - c.at)
        return false; /* the end, 64-bit DWARF (which no linker makes here), or damaged */
    c.end = c.at + length;
    size_t identity_at = c.at;
    uint32_t identity = get(&c, 4);
    *ret_entry = (struct entry){.offset = offset, .next = c.end, .body = c};
    ret_entry->is_common = identity == (is_eh ? 0 : UINT32_MAX);
    ret_entry->common = is_eh ? identity_at - identity : identity;
    return !c.is_bad;
}

struct common {
    uint32_t code_align;
    int32_t data_align;
    uint32_t return_register;
    uint32_t encoding;
    bool has_augmentation, is_signal;
    struct cursor instructions;
};

static void read_augmentation(struct cursor *c, const char *letters, uint32_t address,
                              struct common *common)
{
    uint32_t length = get_uleb(c);
    struct cursor data = *c;
    if (length > c->end - c->at) {
        c->is_bad = true;
        return;
    }
    data.end = c->at + length;
    common->has_augmentation = true;
    for (letters++; *letters != '\0' && !data.is_bad; letters++) {
        if (*letters == 'R') {
            common->encoding = get(&data, 1);
        } else if (*letters == 'L') {
            get(&data, 1);
        } else if (*letters == 'P') {
            uint32_t encoding = get(&data, 1);
            get_pointer(&data, encoding & 0x7f, address);
        } else if (*letters == 'S') {
            common->is_signal = true;
        } else {
            break;
        }
    }
    c->is_bad = c->is_bad || data.is_bad;
    skip(c, length);
}

static bool read_common(const struct tg_bytes *section, bool is_eh, uint32_t address, size_t offset,
                        struct common *ret_common)
{
    struct entry entry;
    if (offset >= section->size || !read_entry(section, is_eh, offset, &entry) || !entry.is_common)
        return false;
    struct cursor c = entry.body;
    *ret_common = (struct common){.encoding = EH_ABSPTR};
    uint32_t version = get(&c, 1);
    const char *letters = (const char *)c.bytes + c.at;
    const void *zero = memchr(letters, '\0', c.end - c.at);
    if (zero == NULL || (version != 1 && version != 3 && version != 4))
        return false;
    skip(&c, strlen(letters) + 1);
    if (version == 4 && (get(&c, 1) != 4 || get(&c, 1) != 0))
        return false;
    ret_common->code_align = get_uleb(&c);
    ret_common->data_align = get_sleb(&c);
    ret_common->return_register = version == 1 ? get(&c, 1) : get_uleb(&c);
    if (letters[0] == 'z')
        read_augmentation(&c, letters, address, ret_common);
    else if (letters[0] != '\0')
        return false;
    ret_common->instructions = c;
    return !c.is_bad && ret_common->return_register < TG_CFI_REGISTERS;
}

/* --- The table -------------------------------------------------------------------------------- */

static bool read_section(struct tg_cfi_table *table, const struct tg_bytes *section, bool is_eh)
{
    uint32_t address = is_eh ? table->eh_frame_address : 0;
    struct entry entry;
    for (size_t at = 0;
         at < section->size && read_entry(section, is_eh, at, &entry) && table->count < MAX_ROWS;
         at = entry.next) {
        struct common common;
        if (entry.is_common || !read_common(section, is_eh, address, entry.common, &common))
            continue;
        struct cursor c = entry.body;
        uint32_t first = get_pointer(&c, common.encoding, address);
        uint32_t count = get_pointer(&c, common.encoding & 0x0f, address);
        if (c.is_bad || count == 0 || count > UINT32_MAX - first)
            continue;
        if (!tg_grow(&table->rows, table->count, &table->room, sizeof *table->rows))
            return false;
        table->rows[table->count++] = (struct tg_cfi_row){
            first, first + count, (uint32_t)entry.offset, (uint32_t)entry.common, is_eh};
    }
    return true;
}

static int compare_rows(const void *left, const void *right)
{
    const struct tg_cfi_row *a = left, *b = right;
    if (a->first != b->first)
        return a->first < b->first ? -1 : 1;
    if (a->is_eh != b->is_eh)
        return a->is_eh ? 1 : -1;
    return a->entry < b->entry ? -1 : a->entry > b->entry;
}

int tg_cfi_read(struct tg_program *program)
{
    struct tg_cfi_table *table = &program->cfi;
    uint32_t unused;
    table->debug_frame = tg_program_section(program, ".debug_frame", &unused);
    table->eh_frame = tg_program_section(program, ".eh_frame", &table->eh_frame_address);
    if (!read_section(table, &table->debug_frame, false) ||
        !read_section(table, &table->eh_frame, true))
        return TG_E_NOMEM;
    if (table->count != 0)
        qsort(table->rows, table->count, sizeof *table->rows, compare_rows);
    return TG_OK;
}

void tg_cfi_finish(struct tg_program *program)
{
    free(program->cfi.rows);
}

/* --- Instructions ----------------------------------------------------------------------------- */

struct machine {
    const struct common *common;
    struct tg_cfi_frame frame, initial; /* initial: after the CIE's instructions */
    struct tg_cfi_frame saved[MAX_SAVED];
    unsigned saved_count;
    uint32_t location, address; /* where the rules are for; where they are wanted */
};

static void set_rule(struct machine *m, uint32_t number, enum tg_cfi_kind kind, int32_t offset)
{
    if (number < TG_CFI_REGISTERS)
        m->frame.rules[number] = (struct tg_cfi_rule){kind, offset};
}

static int32_t scaled(const struct machine *m, uint32_t factor)
{
    return (int32_t)(factor * (uint32_t)m->common->data_align);
}

static void set_cfa(struct machine *m, uint32_t number, int32_t offset)
{
    m->frame.has_cfa = number < TG_CFI_REGISTERS;
    m->frame.cfa_register = number;
    m->frame.cfa_offset = offset;
}

static void remember(struct machine *m, bool is_restore)
{
    if (is_restore && m->saved_count != 0)
        m->frame = m->saved[--m->saved_count];
    else if (!is_restore && m->saved_count < MAX_SAVED)
        m->saved[m->saved_count++] = m->frame;
}

static void skip_expression(struct cursor *c)
{
    skip(c, get_uleb(c));
}

/* The instructions about one register; false: another one. */
static bool register_instruction(struct machine *m, struct cursor *c, uint32_t op)
{
    uint32_t number;
    switch (op) {
    case DW_CFA_offset_extended:
        number = get_uleb(c);
        set_rule(m, number, TG_CFI_AT_OFFSET, scaled(m, get_uleb(c)));
        return true;
    case DW_CFA_offset_extended_sf:
        number = get_uleb(c);
        set_rule(m, number, TG_CFI_AT_OFFSET, scaled(m, (uint32_t)get_sleb(c)));
        return true;
    case DW_CFA_val_offset:
        number = get_uleb(c);
        set_rule(m, number, TG_CFI_IS_OFFSET, scaled(m, get_uleb(c)));
        return true;
    case DW_CFA_val_offset_sf:
        number = get_uleb(c);
        set_rule(m, number, TG_CFI_IS_OFFSET, scaled(m, (uint32_t)get_sleb(c)));
        return true;
    case DW_CFA_register:
        number = get_uleb(c);
        set_rule(m, number, TG_CFI_REGISTER, (int32_t)get_uleb(c));
        return true;
    case DW_CFA_undefined:
        set_rule(m, get_uleb(c), TG_CFI_UNDEFINED, 0);
        return true;
    case DW_CFA_same_value:
        set_rule(m, get_uleb(c), TG_CFI_SAME, 0);
        return true;
    case DW_CFA_restore_extended:
        number = get_uleb(c);
        if (number < TG_CFI_REGISTERS)
            m->frame.rules[number] = m->initial.rules[number];
        return true;
    case DW_CFA_expression:
    case DW_CFA_val_expression:
        set_rule(m, get_uleb(c), TG_CFI_UNSUPPORTED, 0);
        skip_expression(c);
        return true;
    default:
        return false;
    }
}

static bool cfa_instruction(struct machine *m, struct cursor *c, uint32_t op)
{
    uint32_t number;
    switch (op) {
    case DW_CFA_def_cfa:
        number = get_uleb(c);
        set_cfa(m, number, (int32_t)get_uleb(c));
        return true;
    case DW_CFA_def_cfa_sf:
        number = get_uleb(c);
        set_cfa(m, number, scaled(m, (uint32_t)get_sleb(c)));
        return true;
    case DW_CFA_def_cfa_register:
        set_cfa(m, get_uleb(c), m->frame.cfa_offset);
        return true;
    case DW_CFA_def_cfa_offset:
        set_cfa(m, m->frame.cfa_register, (int32_t)get_uleb(c));
        return true;
    case DW_CFA_def_cfa_offset_sf:
        set_cfa(m, m->frame.cfa_register, scaled(m, (uint32_t)get_sleb(c)));
        return true;
    case DW_CFA_def_cfa_expression:
        m->frame.has_cfa = false;
        skip_expression(c);
        return true;
    default:
        return false;
    }
}

/* False: the location is now past the address that is wanted, or the instruction is unknown. */
static bool other_instruction(struct machine *m, struct cursor *c, uint32_t op)
{
    uint32_t advance = 0;
    switch (op) {
    case DW_CFA_nop:
        return true;
    case DW_CFA_set_loc:
        advance = get(c, 4) - m->location;
        break;
    case DW_CFA_advance_loc1:
        advance = get(c, 1) * m->common->code_align;
        break;
    case DW_CFA_advance_loc2:
        advance = get(c, 2) * m->common->code_align;
        break;
    case DW_CFA_advance_loc4:
        advance = get(c, 4) * m->common->code_align;
        break;
    case DW_CFA_remember_state:
        remember(m, false);
        return true;
    case DW_CFA_restore_state:
        remember(m, true);
        return true;
    case DW_CFA_GNU_args_size:
        get_uleb(c);
        return true;
    default:
        c->is_bad = true;
        return false;
    }
    if (advance > m->address - m->location)
        return false;
    m->location += advance;
    return true;
}

/* Each instruction takes a byte at least, so this ends. */
static bool run(struct machine *m, struct cursor c)
{
    while (c.at < c.end && !c.is_bad) {
        uint32_t byte = get(&c, 1), low = byte & 0x3f;
        switch (byte & 0xc0) {
        case DW_CFA_advance_loc:
            if (low * m->common->code_align > m->address - m->location)
                return true;
            m->location += low * m->common->code_align;
            break;
        case DW_CFA_offset:
            set_rule(m, low, TG_CFI_AT_OFFSET, scaled(m, get_uleb(&c)));
            break;
        case DW_CFA_restore:
            if (low < TG_CFI_REGISTERS)
                m->frame.rules[low] = m->initial.rules[low];
            break;
        default:
            if (!register_instruction(m, &c, byte) && !cfa_instruction(m, &c, byte) &&
                !other_instruction(m, &c, byte))
                return !c.is_bad;
        }
    }
    return !c.is_bad;
}

static const struct tg_cfi_row *find_row(const struct tg_cfi_table *table, uint32_t address)
{
    size_t low = 0, high = table->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (table->rows[middle].first <= address)
            low = middle + 1;
        else
            high = middle;
    }
    /* one of .debug_frame and one of .eh_frame may describe the same code */
    for (size_t i = low; i > 0 && low - i < 2; i--)
        if (address < table->rows[i - 1].end)
            return &table->rows[i - 1];
    return NULL;
}

bool tg_cfi_find(const struct tg_program *program, uint32_t address, struct tg_cfi_frame *ret_frame)
{
    const struct tg_cfi_table *table = &program->cfi;
    const struct tg_cfi_row *row = find_row(table, address);
    struct machine m = {.address = address};
    struct common common;
    struct entry entry;
    if (row == NULL)
        return false;
    const struct tg_bytes *section = row->is_eh ? &table->eh_frame : &table->debug_frame;
    uint32_t base = row->is_eh ? table->eh_frame_address : 0;
    if (!read_common(section, row->is_eh, base, row->common, &common) ||
        !read_entry(section, row->is_eh, row->entry, &entry))
        return false;
    m.common = &common;
    m.location = address; /* the CIE's rules are for every address */
    if (!run(&m, common.instructions))
        return false;
    m.initial = m.frame;
    m.location = row->first;
    struct cursor c = entry.body;
    get_pointer(&c, common.encoding, base);
    get_pointer(&c, common.encoding & 0x0f, base);
    if (common.has_augmentation)
        skip(&c, get_uleb(&c));
    if (!run(&m, c))
        return false;
    m.frame.return_register = common.return_register;
    m.frame.is_signal = common.is_signal;
    *ret_frame = m.frame;
    return true;
}
