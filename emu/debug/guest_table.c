/*
 * Opening a guest's table (guest.h): every number in it is checked here, once, against the limits of isa/guest_table.h,
 * and all its texts are copied. What the lists' rows hold is read later, and checked then. Manual: docs/guest-table.md.
 */
#include "debug/guest_table.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_TEXT    TG_TABLE_MOST_TEXT
#define MOST_MEANING (4 * TG_TABLE_MOST_TEXT)

/* What is being opened, and where in it we are, for messages. */
struct opening {
    struct tg_guest *guest;
    struct tg_error *error;
    char where[2 * TG_GUEST_TEXT_BYTES + 32];
};

uint32_t guest_word(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

static uint32_t at(const uint8_t *part, uint32_t offset)
{
    return guest_word(part + offset);
}

__attribute__((format(printf, 3, 4))) static int fail(struct opening *o, int result, const char *format, ...)
{
    va_list arguments;
    char text[256];

    if (o->error == NULL)
        return result;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    snprintf(o->error->text, sizeof o->error->text, "the guest's table (%s)%s%s: %s", TG_TABLE_SYMBOL,
             o->where[0] != '\0' ? ", " : "", o->where, text);
    return result;
}

static int no_memory(struct opening *o)
{
    return fail(o, TG_E_NOMEM, "no memory is left on the host");
}

/* --- Texts and names -------------------------------------------------------------------------- */

/* Keeps a pointer that is freed with the guest. */
static bool keep(struct tg_guest *guest, void *memory)
{
    if (guest->text_count == guest->text_room) {
        size_t room = guest->text_room == 0 ? 256 : guest->text_room * 2;
        void **texts = realloc(guest->texts, room * sizeof *texts);

        if (texts == NULL)
            return false;
        guest->texts = texts;
        guest->text_room = room;
    }
    guest->texts[guest->text_count++] = memory;
    return true;
}

static int copy_text(struct opening *o, uint32_t address, size_t most, const char *what, const char **ret_text)
{
    char text[MOST_MEANING + 1];
    char *copy;
    size_t size;

    if (!guest_read_text(o->guest, 0, address, text, most) || text[0] == '\0')
        return fail(o, TG_E_FORMAT, "its %s at 0x%08" PRIx32 " is no text of 1 to %zu printable characters", what,
                    address, most);
    size = strlen(text) + 1;
    copy = malloc(size);
    if (copy == NULL || !keep(o->guest, copy)) {
        free(copy);
        return no_memory(o);
    }
    memcpy(copy, text, size);
    *ret_text = copy;
    return TG_OK;
}

static int read_names(struct opening *o, struct guest_names *names)
{
    uint8_t part[TG_TABLE_NAMES_BYTES];
    uint32_t texts;

    if (!guest_read(o->guest, 0, names->address, part, sizeof part))
        return fail(o, TG_E_FORMAT, "its names at 0x%08" PRIx32 " cannot be read", names->address);
    names->count = at(part, TG_TABLE_NAMES_COUNT);
    texts = at(part, TG_TABLE_NAMES_TEXTS);
    if (names->count > TG_TABLE_MOST_NAMES - o->guest->name_count)
        return fail(o, TG_E_FORMAT, "%" PRIu32 " names at 0x%08" PRIx32 " make more than %u in all", names->count,
                    names->address, TG_TABLE_MOST_NAMES);
    o->guest->name_count += names->count;
    names->texts = calloc(names->count + 1, sizeof *names->texts);
    if (names->texts == NULL)
        return no_memory(o);
    for (uint32_t i = 0; i < names->count; i++) {
        uint32_t address;
        int result;

        if (!guest_read_word(o->guest, 0, texts + 4 * i, &address))
            return fail(o, TG_E_FORMAT, "name %" PRIu32 " of those at 0x%08" PRIx32 " cannot be read", i,
                        names->address);
        result = address == 0 ? TG_OK : copy_text(o, address, MOST_TEXT, "name of a number", &names->texts[i]);
        if (result != TG_OK)
            return result;
    }
    return TG_OK;
}

/* The names at an address, each set read once. 0: none, NULL. */
static int find_names(struct opening *o, uint32_t address, const struct guest_names **ret_names)
{
    struct tg_guest *guest = o->guest;
    struct guest_names **sets, *names;

    *ret_names = NULL;
    if (address == 0)
        return TG_OK;
    for (uint32_t i = 0; i < guest->name_set_count; i++) {
        if (guest->name_sets[i]->address == address) {
            *ret_names = guest->name_sets[i];
            return TG_OK;
        }
    }
    sets = realloc(guest->name_sets, (guest->name_set_count + 1) * sizeof(struct guest_names *));
    if (sets == NULL)
        return no_memory(o);
    guest->name_sets = sets;
    names = calloc(1, sizeof *names);
    if (names == NULL)
        return no_memory(o);
    names->address = address;
    sets[guest->name_set_count++] = names;
    *ret_names = names;
    return read_names(o, names);
}

/* --- Fields ----------------------------------------------------------------------------------- */

static const uint8_t shown_kinds[] = {
    [TG_TABLE_KIND_NUMBER] = TG_GUEST_NUMBER,     [TG_TABLE_KIND_SIGNED] = TG_GUEST_SIGNED,
    [TG_TABLE_KIND_HEX] = TG_GUEST_HEX,           [TG_TABLE_KIND_ADDRESS] = TG_GUEST_ADDRESS,
    [TG_TABLE_KIND_FLAG] = TG_GUEST_FLAG,         [TG_TABLE_KIND_ENUM] = TG_GUEST_ENUM,
    [TG_TABLE_KIND_BITS] = TG_GUEST_BITS,         [TG_TABLE_KIND_TEXT] = TG_GUEST_TEXT,
    [TG_TABLE_KIND_POINTER] = TG_GUEST_REFERENCE, [TG_TABLE_KIND_INDEX] = TG_GUEST_REFERENCE,
    [TG_TABLE_KIND_KEY] = TG_GUEST_REFERENCE,
};

static int check_size(struct opening *o, const struct guest_place *place, uint32_t size)
{
    if (place->kind == TG_TABLE_KIND_TEXT) {
        if (size == 0 || size > MOST_TEXT)
            return fail(o, TG_E_FORMAT, "a text of %" PRIu32 " bytes; there can be 1 to %u", size, MOST_TEXT);
    } else if (size != 1 && size != 2 && size != 4) {
        return fail(o, TG_E_FORMAT, "a size of %" PRIu32 " bytes; it can be 1, 2 or 4", size);
    }
    if (place->shift >= 8 * size || place->width > 32 - place->shift)
        return fail(o, TG_E_FORMAT, "bits %u to %u of %" PRIu32 " bytes", place->shift,
                    place->shift + place->width - 1u, size);
    return TG_OK;
}

static int check_place(struct opening *o, const struct guest_place *place, uint32_t field_count)
{
    bool is_memory = place->place == TG_TABLE_PLACE_ROW || place->place == TG_TABLE_PLACE_OUTER;

    if (place->place > TG_TABLE_PLACE_OUTER_NUMBER)
        return fail(o, TG_E_FORMAT, "place %u; there are 0 to %u", place->place, TG_TABLE_PLACE_OUTER_NUMBER);
    if (place->loads > (is_memory ? 2 : 0))
        return fail(o, TG_E_FORMAT, "%u pointers on the way; there can be 2 from a row, else none", place->loads);
    if (place->kind == TG_TABLE_KIND_TEXT && !is_memory)
        return fail(o, TG_E_FORMAT, "a text that is not in memory");
    if (place->when > field_count)
        return fail(o, TG_E_FORMAT, "WHEN names field %u of %" PRIu32, place->when, field_count);
    return TG_OK;
}

static int read_extra(struct opening *o, struct tg_guest_field *field, struct guest_place *place, uint32_t extra)
{
    switch (place->kind) {
    case TG_TABLE_KIND_POINTER:
    case TG_TABLE_KIND_INDEX:
    case TG_TABLE_KIND_KEY:
        return copy_text(o, extra, MOST_TEXT, "list", &field->list);
    case TG_TABLE_KIND_ENUM:
    case TG_TABLE_KIND_BITS:
        if (extra == 0)
            return fail(o, TG_E_FORMAT, "a kind that needs names, without them");
        return find_names(o, extra, &place->names);
    case TG_TABLE_KIND_FLAG:
        return find_names(o, extra, &place->names);
    default:
        return TG_OK;
    }
}

static int read_field(struct opening *o, const uint8_t *part, uint32_t field_count, struct tg_guest_field *field,
                      struct guest_place *place)
{
    uint32_t size = part[TG_TABLE_FIELD_SIZE];
    int result;

    *place = (struct guest_place){
        .kind = part[TG_TABLE_FIELD_KIND],
        .place = part[TG_TABLE_FIELD_PLACE],
        .loads = part[TG_TABLE_FIELD_LOADS],
        .shift = part[TG_TABLE_FIELD_SHIFT],
        .width = part[TG_TABLE_FIELD_WIDTH],
        .when = part[TG_TABLE_FIELD_WHEN],
    };
    for (uint32_t i = 0; i < 3; i++)
        place->offsets[i] = at(part, TG_TABLE_FIELD_OFFSETS + 4 * i);
    if (place->kind > TG_TABLE_KIND_KEY)
        return fail(o, TG_E_FORMAT, "kind %u; there are 0 to %u", place->kind, TG_TABLE_KIND_KEY);
    result = check_size(o, place, size);
    if (result == TG_OK)
        result = check_place(o, place, field_count);
    if (result != TG_OK)
        return result;
    field->kind = (enum tg_guest_kind)shown_kinds[place->kind];
    field->bytes = size;
    return read_extra(o, field, place, at(part, TG_TABLE_FIELD_EXTRA));
}

static int read_fields(struct opening *o, struct guest_list *list, uint32_t address, uint32_t count)
{
    int result = TG_OK;

    list->fields = calloc(count + 1, sizeof *list->fields);
    list->places = calloc(count + 1, sizeof *list->places);
    if (list->fields == NULL || list->places == NULL)
        return no_memory(o);
    list->shown.fields = list->fields;
    list->shown.field_count = count;
    for (uint32_t i = 0; i < count && result == TG_OK; i++) {
        uint8_t part[TG_TABLE_FIELD_BYTES];

        snprintf(o->where, sizeof o->where, "list %s, field %" PRIu32, list->shown.name, i);
        if (!guest_read(o->guest, 0, address + i * TG_TABLE_FIELD_BYTES, part, sizeof part))
            return fail(o, TG_E_FORMAT, "it cannot be read at 0x%08" PRIx32, address + i * TG_TABLE_FIELD_BYTES);
        result = copy_text(o, at(part, TG_TABLE_FIELD_NAME), MOST_TEXT, "name", &list->fields[i].name);
        if (result != TG_OK)
            return result;
        snprintf(o->where, sizeof o->where, "list %s, field %s", list->shown.name, list->fields[i].name);
        result = read_field(o, part, count, &list->fields[i], &list->places[i]);
    }
    return result;
}

/* --- Lists ------------------------------------------------------------------------------------ */

/* Fields by which a row is judged are numbers. */
static int check_judges(struct opening *o, const struct guest_list *list, uint32_t used, uint32_t key)
{
    const uint32_t judges[] = {used, key};
    uint32_t count = list->shown.field_count;

    for (uint32_t i = 0; i < 2; i++)
        if (judges[i] > count || (judges[i] != 0 && list->fields[judges[i] - 1].kind == TG_GUEST_TEXT))
            return fail(o, TG_E_FORMAT, "%s names field %" PRIu32 " of %" PRIu32 ", which has to be a number",
                        i == 0 ? "USED" : "KEY", judges[i], count);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t when = list->places[i].when;

        if (when != 0 && list->fields[when - 1].kind == TG_GUEST_TEXT)
            return fail(o, TG_E_FORMAT, "WHEN of field %s names a text", list->fields[i].name);
    }
    return TG_OK;
}

static int check_shape(struct opening *o, const struct guest_list *list)
{
    uint64_t rows = (uint64_t)list->count * (list->inner_count == 0 ? 1 : list->inner_count);

    if (list->shape > TG_TABLE_SHAPE_POINTERS)
        return fail(o, TG_E_FORMAT, "shape %" PRIu32 "; there are 0 to %u", list->shape, TG_TABLE_SHAPE_POINTERS);
    if (rows > TG_TABLE_MOST_ROWS)
        return fail(o, TG_E_FORMAT, "%" PRIu64 " rows; there can be %u", rows, TG_TABLE_MOST_ROWS);
    if (list->shape == TG_TABLE_SHAPE_ARRAY && list->step == 0 && list->count > 1 && list->rows != 0)
        return fail(o, TG_E_FORMAT, "rows that are 0 bytes apart");
    return TG_OK;
}

static bool is_name_taken(const struct tg_guest *guest, const char *name)
{
    for (uint32_t i = 0; i < guest->list_count; i++)
        if (strcmp(guest->lists[i].shown.name, name) == 0)
            return true;
    return false;
}

static int read_list(struct opening *o, uint32_t address, struct guest_list *list)
{
    uint8_t part[TG_TABLE_LIST_BYTES];
    uint32_t field_count;
    int result;

    if (!guest_read(o->guest, 0, address, part, sizeof part))
        return fail(o, TG_E_FORMAT, "it cannot be read at 0x%08" PRIx32, address);
    result = copy_text(o, at(part, TG_TABLE_LIST_NAME), MOST_TEXT, "name", &list->shown.name);
    if (result != TG_OK)
        return result;
    snprintf(o->where, sizeof o->where, "list %s", list->shown.name);
    if (is_name_taken(o->guest, list->shown.name))
        return fail(o, TG_E_FORMAT, "there are two of that name");
    list->shown.meaning = "";
    if (at(part, TG_TABLE_LIST_MEANING) != 0)
        result = copy_text(o, at(part, TG_TABLE_LIST_MEANING), MOST_MEANING, "meaning", &list->shown.meaning);
    list->rows = at(part, TG_TABLE_LIST_ROWS);
    list->count = at(part, TG_TABLE_LIST_COUNT);
    list->count_at = at(part, TG_TABLE_LIST_COUNT_AT);
    list->shape = at(part, TG_TABLE_LIST_SHAPE);
    list->step = at(part, TG_TABLE_LIST_STEP);
    list->inner = at(part, TG_TABLE_LIST_INNER);
    list->inner_count = at(part, TG_TABLE_LIST_INNER_COUNT);
    list->inner_step = at(part, TG_TABLE_LIST_INNER_STEP);
    list->service = at(part, TG_TABLE_LIST_SERVICE);
    field_count = at(part, TG_TABLE_LIST_FIELD_COUNT);
    if (result == TG_OK)
        result = check_shape(o, list);
    if (result == TG_OK && field_count > TG_TABLE_MOST_FIELDS)
        result = fail(o, TG_E_FORMAT, "%" PRIu32 " fields; there can be %u", field_count, TG_TABLE_MOST_FIELDS);
    if (result == TG_OK)
        result = find_names(o, at(part, TG_TABLE_LIST_NAMES), &list->names);
    if (result == TG_OK)
        result = read_fields(o, list, at(part, TG_TABLE_LIST_FIELDS), field_count);
    if (result != TG_OK)
        return result;
    snprintf(o->where, sizeof o->where, "list %s", list->shown.name);
    list->used = at(part, TG_TABLE_LIST_USED) == 0 ? field_count : at(part, TG_TABLE_LIST_USED) - 1;
    list->key = at(part, TG_TABLE_LIST_KEY) == 0 ? field_count : at(part, TG_TABLE_LIST_KEY) - 1;
    return check_judges(o, list, at(part, TG_TABLE_LIST_USED), at(part, TG_TABLE_LIST_KEY));
}

static void finish_list(struct guest_list *list)
{
    free(list->fields);
    free(list->places);
}

static int read_lists(struct opening *o, uint32_t address, uint32_t count)
{
    struct tg_guest *guest = o->guest;
    int result = TG_OK;

    if (count > TG_TABLE_MOST_LISTS)
        return fail(o, TG_E_FORMAT, "%" PRIu32 " lists; there can be %u", count, TG_TABLE_MOST_LISTS);
    guest->lists = calloc(count + 1, sizeof *guest->lists);
    if (guest->lists == NULL)
        return no_memory(o);
    for (uint32_t i = 0; i < count && result == TG_OK; i++) {
        struct guest_list *list = &guest->lists[guest->list_count];
        uint32_t place;

        snprintf(o->where, sizeof o->where, "list %" PRIu32, i);
        if (!guest_read_word(guest, 0, address + 4 * i, &place))
            return fail(o, TG_E_FORMAT, "its address at 0x%08" PRIx32 " cannot be read", address + 4 * i);
        if (place == 0)
            continue;
        result = read_list(o, place, list);
        if (result == TG_OK)
            guest->list_count++;
        else
            finish_list(list);
    }
    return result;
}

/* --- The table -------------------------------------------------------------------------------- */

/* Where the table is: its address, and where that is in RAM. Before its bias is known only the file tells. */
static bool find_table(const struct tg_guest *guest, uint32_t *ret_address, uint32_t *ret_paddr)
{
    const struct tg_guest_programs *programs = &guest->programs;
    struct tg_walk walk;

    if (tg_machine_find_symbol(guest->machine, TG_TABLE_SYMBOL, ret_address, ret_paddr))
        return true;
    if (programs->find_symbol == NULL || !programs->find_symbol(programs->context, NULL, TG_TABLE_SYMBOL, ret_address))
        return false;
    tg_machine_walk(guest->machine, 0, *ret_address, TG_ACCESS_LOAD, 0, &walk);
    *ret_paddr = walk.paddr;
    return walk.reason == 0;
}

static int read_table(struct opening *o)
{
    struct tg_guest *guest = o->guest;
    uint8_t part[TG_TABLE_BYTES];
    uint32_t address, paddr;
    int result;

    if (!find_table(guest, &address, &paddr))
        return fail(o, TG_E_ADDRESS, "the image has no such symbol; docs/guest-table.md says how a kernel exports one");
    if (tg_machine_ram_read(guest->machine, paddr, part, sizeof part) != TG_OK)
        return fail(o, TG_E_FORMAT, "it is not in RAM at 0x%08" PRIx32, paddr);
    if (at(part, 0) != TG_TABLE_MAGIC)
        return fail(o, TG_E_FORMAT,
                    "it begins with 0x%08" PRIx32 ", not with 0x%08x: nothing is loaded there, or it "
                    "was overwritten",
                    at(part, 0), TG_TABLE_MAGIC);
    if (at(part, 4) != TG_TABLE_VERSION)
        return fail(o, TG_E_FORMAT, "its version is %" PRIu32 ", known is %u", at(part, 4), TG_TABLE_VERSION);
    guest->bias = at(part, TG_TABLE_BIAS);
    if (guest->bias != TG_TABLE_PAGED && address - guest->bias != paddr)
        return fail(o, TG_E_FORMAT,
                    "its bias is 0x%08" PRIx32 ", but it lies at 0x%08" PRIx32 " and in RAM at 0x%08" PRIx32,
                    guest->bias, address, paddr);
    guest->convention.vector = at(part, TG_TABLE_CALL_VECTOR);
    guest->convention.number_register = at(part, TG_TABLE_CALL_REGISTER);
    if (guest->convention.vector > TG_TABLE_NO_CALLS || guest->convention.number_register > 31)
        return fail(o, TG_E_FORMAT, "calls by vector %" PRIu32 ", numbers in x%" PRIu32, guest->convention.vector,
                    guest->convention.number_register);
    result = copy_text(o, at(part, TG_TABLE_NAME), MOST_TEXT, "name", &guest->name);
    return result != TG_OK ? result : read_lists(o, at(part, TG_TABLE_LISTS), at(part, TG_TABLE_LISTS_COUNT));
}

int tg_guest_open(const struct tg_machine *machine, const struct tg_guest_programs *programs,
                  struct tg_guest **ret_guest, struct tg_error *error)
{
    struct tg_guest *guest = calloc(1, sizeof *guest);
    struct opening o = {.guest = guest, .error = error};
    int result;

    if (guest == NULL)
        return no_memory(&o);
    guest->machine = machine;
    guest->work = calloc(1, sizeof *guest->work);
    if (guest->work == NULL) {
        free(guest);
        return no_memory(&o);
    }
    if (programs != NULL)
        guest->programs = *programs;
    result = read_table(&o);
    if (result != TG_OK) {
        tg_guest_close(guest);
        return result;
    }
    *ret_guest = guest;
    return TG_OK;
}

void tg_guest_close(struct tg_guest *guest)
{
    if (guest == NULL)
        return;
    for (uint32_t i = 0; i < guest->list_count; i++)
        finish_list(&guest->lists[i]);
    for (uint32_t i = 0; i < guest->name_set_count; i++) {
        free(guest->name_sets[i]->texts);
        free(guest->name_sets[i]);
    }
    for (size_t i = 0; i < guest->text_count; i++)
        free(guest->texts[i]);
    free(guest->work);
    free(guest->name_sets);
    free(guest->texts);
    free(guest->lists);
    free(guest);
}
