/* Tables of guests: whatever lies in RAM is refused with a text, or answers every question soundly. */
#include <stdlib.h>
#include <string.h>

#include "debug/guest.h"
#include "fuzz.h"
#include "isa/guest_table.h"
#include "support/guest_use.h"

#define RAM_BYTES (UINT32_C(1) << 17)

/* --- Seeds: a table with all the lists that mean something, and rows that refer to each other ------------------------- */

struct field {
    const char *name;
    uint8_t kind, place, size, loads;
    uint32_t offset;
    const char *list; /* or names */
};

struct list {
    const char *name;
    uint32_t count, step, inner_count;
    uint32_t used, key;
    struct field fields[8];
};

#define NUMBER TG_TABLE_KIND_NUMBER
#define ROW    TG_TABLE_PLACE_ROW

/* Rows are 32 bytes of small numbers: states, indices and keys alike. */
static const struct list lists[] = {
    {"processes",
     8,
     32,
     0,
     2,
     1,
     {{"pid", TG_TABLE_KIND_SIGNED, ROW, 4, 0, 0, NULL},
      {"state", TG_TABLE_KIND_ENUM, ROW, 1, 0, 4, "names"},
      {"name", TG_TABLE_KIND_TEXT, ROW, 6, 0, 6, NULL},
      {"waits_for", TG_TABLE_KIND_KEY, ROW, 4, 0, 12, "processes"},
      {"waits_in", TG_TABLE_KIND_INDEX, ROW, 4, 0, 16, "calls"},
      {"ptroot", TG_TABLE_KIND_HEX, ROW, 4, 0, 20, NULL},
      {"frame", TG_TABLE_KIND_ADDRESS, TG_TABLE_PLACE_SELF, 4, 0, 0, NULL}}},
    {"services",
     4,
     32,
     0,
     0,
     0,
     {{"process", TG_TABLE_KIND_INDEX, ROW, 4, 0, 0, "processes"},
      {"in_kernel", TG_TABLE_KIND_FLAG, ROW, 4, 0, 4, NULL},
      {"listening", TG_TABLE_KIND_FLAG, ROW, 1, 0, 8, NULL},
      {"sources", TG_TABLE_KIND_HEX, ROW, 4, 0, 12, NULL}}},
    {"calls", 8, 32, 0, 0, 0, {{"service", TG_TABLE_KIND_INDEX, ROW, 4, 0, 0, "services"}}},
    {"requests",
     6,
     32,
     0,
     1,
     0,
     {{"state", TG_TABLE_KIND_ENUM, ROW, 1, 0, 0, "names"},
      {"process", TG_TABLE_KIND_INDEX, ROW, 4, 0, 4, "processes"},
      {"call", TG_TABLE_KIND_INDEX, ROW, 4, 0, 8, "calls"},
      {"order", NUMBER, ROW, 4, 0, 12, NULL},
      {"a0", TG_TABLE_KIND_HEX, ROW, 4, 0, 16, NULL},
      {"via", NUMBER, ROW, 4, 2, 20, NULL}}},
    {"descriptors",
     8,
     32,
     4,
     0,
     0,
     {{"process", TG_TABLE_KIND_INDEX, TG_TABLE_PLACE_OUTER, 4, 0, 0, "processes"},
      {"descriptor", NUMBER, TG_TABLE_PLACE_NUMBER, 4, 0, 0, NULL},
      {"pipe", TG_TABLE_KIND_POINTER, ROW, 4, 0, 0, "pipes"},
      {"can_read", TG_TABLE_KIND_FLAG, ROW, 1, 0, 0, NULL}}},
    {"pipes", 4, 32, 0, 0, 0, {{"first_reader", TG_TABLE_KIND_KEY, ROW, 4, 0, 0, "processes"}}},
    {"cpus", 4, 32, 0, 0, 0, {{"current", TG_TABLE_KIND_POINTER, TG_TABLE_PLACE_REGISTER, 4, 0, 8, "processes"}}},
    {"queues",
     8,
     32,
     0,
     0,
     0,
     {{"process", TG_TABLE_KIND_POINTER, TG_TABLE_PLACE_SELF, 4, 0, 0, "processes"},
      {"entries", NUMBER, TG_TABLE_PLACE_CONSTANT, 4, 0, 64, NULL}}},
    {"members",
     8,
     32,
     0,
     0,
     1,
     {{"process", TG_TABLE_KIND_INDEX, ROW, 4, 0, 0, "processes"},
      {"parent", TG_TABLE_KIND_KEY, ROW, 4, 0, 4, "members"},
      {"waits", TG_TABLE_KIND_FLAG, ROW, 1, 0, 8, NULL}}},
};
#define LISTS (sizeof lists / sizeof lists[0])

struct writer {
    uint8_t *bytes;
    uint32_t used;
};

static void put(struct writer *w, uint32_t offset, uint32_t word)
{
    for (uint32_t i = 0; i < 4; i++)
        w->bytes[offset + i] = (uint8_t)(word >> 8 * i);
}

/* Room, aligned; its offset in the bytes. */
static uint32_t take(struct writer *w, uint32_t bytes)
{
    uint32_t offset = w->used;

    memset(w->bytes + offset, 0, (bytes + 3) & ~3u);
    w->used += (bytes + 3) & ~3u;
    return offset;
}

static uint32_t address(uint32_t offset)
{
    return GUEST_USE_TABLE + offset;
}

static uint32_t put_text(struct writer *w, const char *text)
{
    uint32_t offset = take(w, (uint32_t)strlen(text) + 1);

    memcpy(w->bytes + offset, text, strlen(text) + 1);
    return address(offset);
}

static uint32_t put_names(struct writer *w)
{
    static const char *const names[] = {"free", "waiting", "heard", "running"};
    uint32_t offset = take(w, TG_TABLE_NAMES_BYTES), texts = take(w, 4 * 4);

    put(w, offset, 4);
    put(w, offset + 4, address(texts));
    for (uint32_t i = 0; i < 4; i++)
        put(w, texts + 4 * i, put_text(w, names[i]));
    return address(offset);
}

static uint32_t put_fields(struct writer *w, const struct list *list, uint32_t names, uint32_t *ret_count)
{
    uint32_t count = 0, offset;

    while (count < 8 && list->fields[count].name != NULL)
        count++;
    offset = take(w, count * TG_TABLE_FIELD_BYTES);
    for (uint32_t i = 0; i < count; i++) {
        const struct field *field = &list->fields[i];
        uint32_t at = offset + i * TG_TABLE_FIELD_BYTES;

        put(w, at, put_text(w, field->name));
        put(w, at + 4, field->kind | (uint32_t)field->place << 8 | (uint32_t)field->size << 16 |
                           (uint32_t)field->loads << 24);
        put(w, at + TG_TABLE_FIELD_OFFSETS, field->offset);
        if (field->kind == TG_TABLE_KIND_ENUM)
            put(w, at + TG_TABLE_FIELD_EXTRA, names);
        else if (field->list != NULL)
            put(w, at + TG_TABLE_FIELD_EXTRA, put_text(w, field->list));
    }
    *ret_count = count;
    return address(offset);
}

static uint32_t put_list(struct writer *w, const struct list *list, uint32_t names, unsigned seed)
{
    uint32_t offset = take(w, TG_TABLE_LIST_BYTES), rows = take(w, list->count * list->step), count;

    for (uint32_t i = 0; i < list->count * list->step / 4; i++)
        put(w, rows + 4 * i, i % 8 == 0 ? i / 8 : (i * (seed + 3)) % 5);
    put(w, offset + TG_TABLE_LIST_NAME, put_text(w, list->name));
    put(w, offset + TG_TABLE_LIST_ROWS, address(rows));
    put(w, offset + TG_TABLE_LIST_COUNT, list->count);
    put(w, offset + TG_TABLE_LIST_STEP, list->step);
    put(w, offset + TG_TABLE_LIST_INNER, list->inner_count == 0 ? 0 : 8);
    put(w, offset + TG_TABLE_LIST_INNER_COUNT, list->inner_count);
    put(w, offset + TG_TABLE_LIST_INNER_STEP, 4);
    put(w, offset + TG_TABLE_LIST_FIELDS, put_fields(w, list, names, &count));
    put(w, offset + TG_TABLE_LIST_FIELD_COUNT, count);
    put(w, offset + TG_TABLE_LIST_NAMES, strcmp(list->name, "processes") == 0 ? 0 : names);
    put(w, offset + TG_TABLE_LIST_USED, list->used);
    put(w, offset + TG_TABLE_LIST_KEY, list->key);
    put(w, offset + TG_TABLE_LIST_SERVICE, strcmp(list->name, "pipes") == 0 ? 2 : 0);
    return address(offset);
}

size_t fuzz_seed(unsigned index, uint8_t *bytes)
{
    struct writer w = {bytes, 0};
    uint32_t table, array, names;

    if (index >= 3)
        return 0;
    table = take(&w, TG_TABLE_BYTES);
    array = take(&w, 4 * (uint32_t)LISTS);
    names = put_names(&w);
    put(&w, table, TG_TABLE_MAGIC);
    put(&w, table + 4, TG_TABLE_VERSION);
    put(&w, table + TG_TABLE_NAME, put_text(&w, "seed"));
    put(&w, table + TG_TABLE_LISTS, address(array));
    put(&w, table + TG_TABLE_LISTS_COUNT, (uint32_t)LISTS);
    put(&w, table + TG_TABLE_BIAS, index == 2 ? TG_TABLE_PAGED : 0);
    put(&w, table + TG_TABLE_CALL_VECTOR, 64);
    put(&w, table + TG_TABLE_CALL_REGISTER, 17);
    for (size_t i = 0; i < LISTS; i++)
        put(&w, array + 4 * (uint32_t)i, put_list(&w, &lists[i], names, index));
    return w.used;
}

/* --- The target ------------------------------------------------------------------------------------------------------------ */

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    const struct tg_config config = {.ram_bytes = RAM_BYTES};
    const struct tg_guest_programs programs = {.find_symbol = guest_use_find};
    struct tg_error error = {""};
    struct tg_machine *machine;
    struct tg_guest *guest;
    const char *wrong;

    if (tg_machine_create(&config, NULL, &machine, NULL) != TG_OK)
        fuzz_fail("no machine");
    size = size < RAM_BYTES - GUEST_USE_TABLE ? size : RAM_BYTES - GUEST_USE_TABLE;
    if (tg_machine_ram_write(machine, GUEST_USE_TABLE, bytes, size) != TG_OK)
        fuzz_fail("no RAM");
    if (tg_guest_open(machine, &programs, &guest, &error) == TG_OK) {
        wrong = guest_use(machine, guest);
        if (wrong != NULL)
            fuzz_fail("%s", wrong);
        tg_guest_close(guest);
    } else if (error.text[0] == '\0') {
        fuzz_fail("a table was refused without a text");
    }
    tg_machine_destroy(machine);
    return 0;
}
