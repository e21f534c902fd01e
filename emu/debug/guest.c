/*
 * Rows and values of a guest's lists (guest.h), read from the machine at the moment of asking. The table's own numbers
 * have been checked when it was opened (guest_table.c); what is in the rows is the guest's and may be anything.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "debug/guest_table.h"

/* --- Memory ----------------------------------------------------------------------------------- */

/* Where a virtual address is; false: nowhere. */
static bool find_page(const struct tg_machine *machine, uint32_t ptroot, uint32_t vaddr, uint32_t *ret_paddr)
{
    uint8_t bytes[4];
    uint32_t entry;

    if ((ptroot & TG_PTROOT_ENABLE) == 0) {
        *ret_paddr = vaddr;
        return true;
    }
    if (tg_machine_ram_read(machine, (ptroot & TG_PTROOT_PAGE) + 4 * (vaddr >> 22), bytes, 4) != TG_OK)
        return false;
    entry = guest_word(bytes);
    if ((entry & TG_PTE_PRESENT) == 0 || (entry & TG_PDE_RESERVED) != 0 ||
        tg_machine_ram_read(machine, (entry & TG_PTE_PAGE) + 4 * (vaddr >> 12 & 1023), bytes, 4) != TG_OK)
        return false;
    entry = guest_word(bytes);
    if ((entry & TG_PTE_PRESENT) == 0)
        return false;
    *ret_paddr = (entry & TG_PTE_PAGE) + vaddr % TG_PAGE_BYTES;
    return true;
}

bool tg_guest_read(const struct tg_machine *machine, uint32_t ptroot, uint32_t vaddr, void *bytes, size_t count)
{
    if (count > (size_t)UINT32_MAX - vaddr + 1)
        return false;
    for (size_t done = 0; done < count;) {
        uint32_t address = vaddr + (uint32_t)done, paddr;
        size_t part = TG_PAGE_BYTES - address % TG_PAGE_BYTES;

        part = part < count - done ? part : count - done;
        if (!find_page(machine, ptroot, address, &paddr) ||
            tg_machine_ram_read(machine, paddr, (uint8_t *)bytes + done, part) != TG_OK)
            return false;
        done += part;
    }
    return true;
}

bool guest_read(const struct tg_guest *guest, uint32_t root, uint32_t address, void *bytes, size_t count)
{
    struct tg_cpu_view cpu;

    if (root != 0)
        return tg_guest_read(guest->machine, root, address, bytes, count);
    if (guest->bias != TG_TABLE_PAGED)
        return tg_machine_ram_read(guest->machine, address - guest->bias, bytes, count) == TG_OK;
    tg_machine_cpu(guest->machine, 0, &cpu);
    return tg_guest_read(guest->machine, cpu.creg[TG_CR_PTROOT], address, bytes, count);
}

bool guest_read_word(const struct tg_guest *guest, uint32_t root, uint32_t address, uint32_t *ret_word)
{
    uint8_t bytes[4];

    if (!guest_read(guest, root, address, bytes, sizeof bytes))
        return false;
    *ret_word = guest_word(bytes);
    return true;
}

bool guest_read_text(const struct tg_guest *guest, uint32_t root, uint32_t address, char *buf, size_t most)
{
    for (size_t i = 0; i <= most; i++) {
        if (!guest_read(guest, root, address + (uint32_t)i, &buf[i], 1))
            return false;
        if (buf[i] == '\0')
            return true;
        if (buf[i] < ' ' || buf[i] > '~')
            return false;
    }
    return false;
}

/* --- The table -------------------------------------------------------------------------------- */

const char *tg_guest_name(const struct tg_guest *guest)
{
    return guest->name;
}

size_t tg_guest_list_count(const struct tg_guest *guest)
{
    return guest->list_count;
}

const struct tg_guest_list *tg_guest_list(const struct tg_guest *guest, size_t index)
{
    return index < guest->list_count ? &guest->lists[index].shown : NULL;
}

const struct tg_guest_list *tg_guest_find_list(const struct tg_guest *guest, const char *name)
{
    for (uint32_t i = 0; i < guest->list_count; i++)
        if (strcmp(guest->lists[i].shown.name, name) == 0)
            return &guest->lists[i].shown;
    return NULL;
}

int tg_guest_find_field(const struct tg_guest_list *list, const char *name)
{
    for (uint32_t i = 0; i < list->field_count; i++)
        if (strcmp(list->fields[i].name, name) == 0)
            return (int)i;
    return -1;
}

const char *guest_row_name(const struct tg_guest_list *list, uint32_t number)
{
    const struct guest_names *names = ((const struct guest_list *)list)->names;

    return names != NULL && number < names->count ? names->texts[number] : NULL;
}

/* --- Where rows are --------------------------------------------------------------------------- */

/* In the table of a server's own program: where the rows of the list of that name are for it. */
static bool find_in_server(const struct tg_guest *guest, uint32_t root, const char *service, const char *name,
                           uint32_t part[2])
{
    const struct tg_guest_programs *programs = &guest->programs;
    uint8_t table[TG_TABLE_BYTES], list[TG_TABLE_LIST_BYTES];
    uint32_t address, place, count;
    char text[TG_GUEST_TEXT_BYTES];

    if (programs->find_symbol == NULL || service == NULL ||
        !programs->find_symbol(programs->context, service, TG_TABLE_SYMBOL, &address) ||
        !guest_read(guest, root, address, table, sizeof table) || guest_word(table) != TG_TABLE_MAGIC ||
        guest_word(table + 4) != TG_TABLE_VERSION)
        return false;
    count = guest_word(table + TG_TABLE_LISTS_COUNT);
    for (uint32_t i = 0; i < count && i < TG_TABLE_MOST_LISTS; i++) {
        if (!guest_read_word(guest, root, guest_word(table + TG_TABLE_LISTS) + 4 * i, &place))
            return false;
        if (place == 0 || !guest_read(guest, root, place, list, sizeof list) ||
            !guest_read_text(guest, root, guest_word(list + TG_TABLE_LIST_NAME), text, TG_TABLE_MOST_TEXT) ||
            strcmp(text, name) != 0)
            continue;
        part[0] = guest_word(list + TG_TABLE_LIST_ROWS);
        part[1] = guest_word(list + TG_TABLE_LIST_COUNT_AT);
        return true;
    }
    return false;
}

/* The row of the service in whose memory a list's rows are, if that is a process of its own. What leads there has to be
 * the kernel's. */
static bool find_server(const struct tg_guest *guest, const struct tg_guest_row *row, struct tg_guest_row *ret_service)
{
    const struct tg_guest_list *services = tg_guest_find_list(guest, "services"), *processes;
    uint32_t service = guest_list_of(row)->service;
    int field = services == NULL ? -1 : tg_guest_find_field(services, "process");

    if (service == 0 || field < 0 || services->fields[field].kind != TG_GUEST_REFERENCE)
        return false;
    processes = tg_guest_find_list(guest, services->fields[field].list);
    return processes != NULL && ((const struct guest_list *)services)->service == 0 &&
           ((const struct guest_list *)processes)->service == 0 &&
           guest_row_at(guest, services, service - 1, ret_service) && !guest_flag(guest, ret_service, "in_kernel");
}

/* Where a list's rows begin and how many there can be; false: they cannot be found. */
static bool begin(const struct tg_guest *guest, struct tg_guest_row *row)
{
    const struct guest_list *list = guest_list_of(row);
    uint32_t place[2] = {list->rows, list->count_at}, count;
    struct tg_guest_row service, process;

    row->root = 0;
    if (find_server(guest, row, &service) &&
        (!guest_reference(guest, &service, "process", &process) ||
         !guest_number(guest, &process, "ptroot", &row->root) || row->root == 0 ||
         !find_in_server(guest, row->root, guest_row_name(service.list, service.number), row->list->name, place)))
        return false;
    count = list->count;
    if (place[1] != 0 && !guest_read_word(guest, row->root, place[1], &count))
        return false;
    row->cursor.base = place[0];
    row->cursor.count = count < list->count ? count : list->count;
    row->cursor.has_begun = true;
    row->cursor.next = 0;
    return list->shape != TG_TABLE_SHAPE_LINKED ||
           guest_read_word(guest, row->root, row->cursor.base, &row->cursor.link);
}

/* The outer row with that number: its address; false: there is none (any more). */
static bool find_outer(const struct tg_guest *guest, struct tg_guest_row *row, uint32_t number)
{
    const struct guest_list *list = guest_list_of(row);

    row->outer_number = number;
    switch (list->shape) {
    case TG_TABLE_SHAPE_ARRAY:
        row->outer = row->cursor.base + number * list->step;
        return true;
    case TG_TABLE_SHAPE_POINTERS:
        if (!guest_read_word(guest, row->root, row->cursor.base + number * (list->step == 0 ? 4 : list->step),
                             &row->outer))
            row->outer = 0;
        return true;
    default: /* the rows are come by in order */
        row->outer = row->cursor.link;
        return row->outer != 0;
    }
}

static bool is_used(const struct tg_guest *guest, const struct tg_guest_row *row)
{
    const struct guest_list *list = guest_list_of(row);
    uint32_t number;

    if (list->shape == TG_TABLE_SHAPE_POINTERS && row->outer == 0)
        return false;
    return list->used == row->list->field_count || (guest_raw(guest, row, list->used, &number) && number != 0);
}

/* The row of the cursor's number, in the outer row that was found. */
static void take_row(struct tg_guest_row *row)
{
    const struct guest_list *list = guest_list_of(row);

    row->number = row->cursor.next++;
    row->address = row->outer;
    if (list->inner_count != 0)
        row->address += list->inner + row->number % list->inner_count * list->inner_step;
}

bool tg_guest_next_row(const struct tg_guest *guest, struct tg_guest_row *row)
{
    const struct guest_list *list = guest_list_of(row);
    uint32_t inner = list->inner_count == 0 ? 1 : list->inner_count;

    if (!row->cursor.has_begun && !begin(guest, row))
        return false;
    while (row->cursor.next / inner < row->cursor.count) {
        if (guest->work->depth > 0 && guest->work->left-- == 0) {
            guest->work->left = 0;
            return false;
        }
        uint32_t within = row->cursor.next % inner;

        if (within == 0 && !find_outer(guest, row, row->cursor.next / inner))
            return false;
        take_row(row);
        if (within == inner - 1 && list->shape == TG_TABLE_SHAPE_LINKED &&
            !guest_read_word(guest, row->root, row->outer + list->step, &row->cursor.link))
            row->cursor.link = 0;
        if (is_used(guest, row))
            return true;
    }
    return false;
}

bool guest_row_at(const struct tg_guest *guest, const struct tg_guest_list *list, uint32_t number,
                  struct tg_guest_row *ret_row)
{
    const struct guest_list *inside = (const struct guest_list *)list;
    uint32_t inner = inside->inner_count == 0 ? 1 : inside->inner_count;
    struct tg_guest_row row = {.list = list};

    if (!begin(guest, &row))
        return false;
    if (inside->shape != TG_TABLE_SHAPE_LINKED) {
        row.cursor.next = number;
        if (number / inner >= row.cursor.count || !find_outer(guest, &row, number / inner))
            return false;
        take_row(&row);
        *ret_row = row;
        return is_used(guest, &row);
    }
    while (tg_guest_next_row(guest, &row) && row.number <= number) {
        if (row.number == number) {
            *ret_row = row;
            return true;
        }
    }
    return false;
}

/* --- Values ----------------------------------------------------------------------------------- */

/* The address of a field in memory; false: a pointer on the way is 0 or cannot be read. */
static bool find_value(const struct tg_guest *guest, const struct tg_guest_row *row, const struct guest_place *place,
                       uint32_t *ret_address)
{
    uint32_t address = place->place == TG_TABLE_PLACE_OUTER ? row->outer : row->address;

    address += place->offsets[0];
    for (uint32_t i = 1; i <= place->loads; i++) {
        if (!guest_read_word(guest, row->root, address, &address) || address == 0)
            return false;
        address += place->offsets[i];
    }
    *ret_address = address;
    return true;
}

static bool read_number(const struct tg_guest *guest, const struct tg_guest_row *row, uint32_t field,
                        uint32_t *ret_number)
{
    const struct guest_place *place = &guest_list_of(row)->places[field];
    uint8_t bytes[4] = {0};
    uint32_t address;

    if (!find_value(guest, row, place, &address) ||
        !guest_read(guest, row->root, address, bytes, row->list->fields[field].bytes & 7))
        return false;
    *ret_number = guest_word(bytes);
    return true;
}

static bool read_register(const struct tg_guest *guest, const struct tg_guest_row *row, uint32_t number,
                          uint32_t *ret_number)
{
    struct tg_cpu_view cpu;

    if (row->number >= tg_machine_config(guest->machine)->cpus)
        return false;
    tg_machine_cpu(guest->machine, row->number, &cpu);
    *ret_number = cpu.creg[number & 0xff];
    return true;
}

static bool read_any(const struct tg_guest *guest, const struct tg_guest_row *row, uint32_t field, uint32_t *ret_number)
{
    const struct guest_list *list = guest_list_of(row);
    const struct guest_place *place = &list->places[field];

    switch (place->place) {
    case TG_TABLE_PLACE_CONSTANT:
        *ret_number = place->offsets[0];
        return true;
    case TG_TABLE_PLACE_REGISTER:
        return read_register(guest, row, place->offsets[0], ret_number);
    case TG_TABLE_PLACE_SELF:
        *ret_number = row->address;
        return true;
    case TG_TABLE_PLACE_OUTER_SELF:
        *ret_number = row->outer;
        return true;
    case TG_TABLE_PLACE_NUMBER:
        *ret_number = list->inner_count == 0 ? row->number : row->number % list->inner_count;
        return true;
    case TG_TABLE_PLACE_OUTER_NUMBER:
        *ret_number = row->outer_number;
        return true;
    default:
        return read_number(guest, row, field, ret_number);
    }
}

bool guest_raw(const struct tg_guest *guest, const struct tg_guest_row *row, uint32_t field, uint32_t *ret_number)
{
    const struct guest_place *place = &guest_list_of(row)->places[field];
    uint32_t width = place->width != 0 ? place->width : 8 * row->list->fields[field].bytes - place->shift, number;

    if (place->kind == TG_TABLE_KIND_TEXT || !read_any(guest, row, field, &number))
        return false;
    number >>= place->shift;
    if (width < 32) {
        number &= (UINT32_C(1) << width) - 1;
        if (place->kind == TG_TABLE_KIND_SIGNED && number >> (width - 1) != 0)
            number |= ~((UINT32_C(1) << width) - 1);
    }
    if (place->kind == TG_TABLE_KIND_FLAG)
        number = number != 0;
    *ret_number = number;
    return true;
}

/* Whether the field means something in this row. */
static bool has_meaning(const struct tg_guest *guest, const struct tg_guest_row *row, uint32_t field)
{
    uint32_t when = guest_list_of(row)->places[field].when, number;

    return when == 0 || (guest_raw(guest, row, when - 1, &number) && number != 0);
}

/* Up to a zero, what is not printable as '?'. */
static bool read_text(const struct tg_guest *guest, const struct tg_guest_row *row, uint32_t field,
                      char text[TG_GUEST_TEXT_BYTES])
{
    uint32_t bytes = row->list->fields[field].bytes, address;

    if (!find_value(guest, row, &guest_list_of(row)->places[field], &address) ||
        !guest_read(guest, row->root, address, text, bytes))
        return false;
    text[bytes] = '\0';
    for (char *c = text; *c != '\0'; c++)
        if (*c < ' ' || *c > '~')
            *c = '?';
    return true;
}

/* The row that a value refers to. */
static bool find_row(const struct tg_guest *guest, const struct tg_guest_row *from, uint32_t field, uint32_t number,
                     struct tg_guest_row *ret_row)
{
    const struct tg_guest_list *list = tg_guest_find_list(guest, from->list->fields[field].list);
    const struct guest_list *inside = (const struct guest_list *)list;
    uint8_t kind = guest_list_of(from)->places[field].kind;
    struct tg_guest_row row = {.list = list};
    uint32_t value;

    if (list == NULL || (kind == TG_TABLE_KIND_POINTER && number == 0))
        return false;
    if (kind == TG_TABLE_KIND_INDEX)
        return guest_row_at(guest, list, number, ret_row);
    if (kind == TG_TABLE_KIND_KEY && inside->key == list->field_count)
        return false;
    if (kind == TG_TABLE_KIND_POINTER && inside->shape == TG_TABLE_SHAPE_ARRAY && inside->inner_count == 0) {
        if (!begin(guest, &row) || row.root != from->root || inside->step == 0 ||
            (number - row.cursor.base) % inside->step != 0)
            return false;
        return guest_row_at(guest, list, (number - row.cursor.base) / inside->step, ret_row);
    }
    while (tg_guest_next_row(guest, &row) && row.number < TG_TABLE_MOST_SEARCHED) {
        if (kind == TG_TABLE_KIND_POINTER ? row.address == number && row.root == from->root
                                          : guest_raw(guest, &row, inside->key, &value) && value == number) {
            *ret_row = row;
            return true;
        }
    }
    return false;
}

/* What a row is called: "cat (5)", "read", "fs", "pipes 3". */
static void name_row(const struct tg_guest *guest, const struct tg_guest_row *row, char text[TG_GUEST_TEXT_BYTES])
{
    const char *name = guest_row_name(row->list, row->number);
    struct tg_guest_process process;

    if (strcmp(row->list->name, "processes") == 0 && tg_guest_process_at(guest, row, &process)) {
        if (process.pid > 0)
            snprintf(text, TG_GUEST_TEXT_BYTES, "%.40s (%" PRId32 ")", process.name, process.pid);
        else
            snprintf(text, TG_GUEST_TEXT_BYTES, "%s", process.name);
    } else if (name != NULL) {
        snprintf(text, TG_GUEST_TEXT_BYTES, "%s", name);
    } else if (!guest_text(guest, row, "name", text)) {
        snprintf(text, TG_GUEST_TEXT_BYTES, "%.40s %" PRIu32, row->list->name, row->number);
    }
}

static void write_bits(const struct guest_names *names, uint32_t number, char text[TG_GUEST_TEXT_BYTES])
{
    size_t used = 0;

    snprintf(text, TG_GUEST_TEXT_BYTES, "%s", number == 0 ? "none" : "");
    for (uint32_t bit = 0; bit < 32 && used < TG_GUEST_TEXT_BYTES; bit++) {
        if ((number >> bit & 1) == 0)
            continue;
        if (bit < names->count && names->texts[bit] != NULL)
            used += (size_t)snprintf(text + used, TG_GUEST_TEXT_BYTES - used, "%s%s", used == 0 ? "" : " ",
                                     names->texts[bit]);
        else
            used += (size_t)snprintf(text + used, TG_GUEST_TEXT_BYTES - used, "%s%" PRIu32, used == 0 ? "" : " ", bit);
    }
}

static void write_reference(const struct tg_guest *guest, const struct guest_place *place,
                            const struct tg_guest_list *list, struct tg_guest_value *value)
{
    const char *name = place->kind == TG_TABLE_KIND_INDEX && list != NULL ? guest_row_name(list, value->number) : NULL;

    if (value->has_row)
        name_row(guest, &value->row, value->text);
    else if (name != NULL)
        snprintf(value->text, sizeof value->text, "%s", name);
    else if (place->kind == TG_TABLE_KIND_POINTER && value->number == 0)
        snprintf(value->text, sizeof value->text, "none");
    else if (place->kind == TG_TABLE_KIND_INDEX)
        snprintf(value->text, sizeof value->text, "%" PRIu32, value->number);
    else
        snprintf(value->text, sizeof value->text, "0x%" PRIx32, value->number);
}

static void write_number(const struct guest_place *place, struct tg_guest_value *value)
{
    const struct guest_names *names = place->names;
    bool has_name = names != NULL && value->number < names->count && names->texts[value->number] != NULL;

    switch (value->kind) {
    case TG_GUEST_SIGNED:
        snprintf(value->text, sizeof value->text, "%" PRId32, (int32_t)value->number);
        break;
    case TG_GUEST_HEX:
        snprintf(value->text, sizeof value->text, "0x%" PRIx32, value->number);
        break;
    case TG_GUEST_ADDRESS:
        snprintf(value->text, sizeof value->text, "0x%08" PRIx32, value->number);
        break;
    case TG_GUEST_BITS:
        write_bits(names, value->number, value->text);
        break;
    default:
        if (has_name)
            snprintf(value->text, sizeof value->text, "%s", names->texts[value->number]);
        else if (value->kind == TG_GUEST_FLAG)
            snprintf(value->text, sizeof value->text, "%s", value->number != 0 ? "yes" : "no");
        else
            snprintf(value->text, sizeof value->text, "%" PRIu32, value->number);
    }
}

static bool read_value(const struct tg_guest *guest, const struct tg_guest_row *row, int field,
                       struct tg_guest_value *ret_value)
{
    struct tg_guest_value value = {.kind = TG_GUEST_NUMBER};
    const struct guest_place *place;
    uint32_t index = (uint32_t)field;

    if (field < 0 || index >= row->list->field_count || !has_meaning(guest, row, index))
        return false;
    place = &guest_list_of(row)->places[index];
    value.kind = row->list->fields[index].kind;
    if (value.kind == TG_GUEST_TEXT) {
        if (!read_text(guest, row, index, value.text))
            return false;
    } else {
        if (!guest_raw(guest, row, index, &value.number))
            return false;
        if (value.kind == TG_GUEST_REFERENCE) {
            value.has_row = find_row(guest, row, index, value.number, &value.row);
            write_reference(guest, place, tg_guest_find_list(guest, row->list->fields[index].list), &value);
        } else {
            write_number(place, &value);
        }
    }
    *ret_value = value;
    return true;
}

bool tg_guest_value(const struct tg_guest *guest, const struct tg_guest_row *row, int field,
                    struct tg_guest_value *ret_value)
{
    bool has_value;

    guest_begin_work(guest);
    has_value = read_value(guest, row, field, ret_value);
    guest_end_work(guest);
    return has_value;
}

/* --- By the names of fields ------------------------------------------------------------------- */

bool guest_number(const struct tg_guest *guest, const struct tg_guest_row *row, const char *field, uint32_t *ret_number)
{
    int index = tg_guest_find_field(row->list, field);

    return index >= 0 && has_meaning(guest, row, (uint32_t)index) && guest_raw(guest, row, (uint32_t)index, ret_number);
}

bool guest_flag(const struct tg_guest *guest, const struct tg_guest_row *row, const char *field)
{
    uint32_t number;

    return guest_number(guest, row, field, &number) && number != 0;
}

bool guest_text(const struct tg_guest *guest, const struct tg_guest_row *row, const char *field,
                char text[TG_GUEST_TEXT_BYTES])
{
    int index = tg_guest_find_field(row->list, field);
    struct tg_guest_value value;

    if (index < 0 || row->list->fields[index].kind == TG_GUEST_REFERENCE || !tg_guest_value(guest, row, index, &value))
        return false;
    memcpy(text, value.text, sizeof value.text);
    return true;
}

bool guest_reference(const struct tg_guest *guest, const struct tg_guest_row *row, const char *field,
                     struct tg_guest_row *ret_row)
{
    int index = tg_guest_find_field(row->list, field);
    uint32_t number;

    return index >= 0 && row->list->fields[index].kind == TG_GUEST_REFERENCE &&
           has_meaning(guest, row, (uint32_t)index) && guest_raw(guest, row, (uint32_t)index, &number) &&
           find_row(guest, row, (uint32_t)index, number, ret_row);
}
