/*
 * Checkpoints: see checkpoint.h. What was written since the present checkpoint is in two lists,
 * RAM's (core/ram.h) and the disk's (bus/bus.h); what was written between two checkpoints is the
 * later one's list of pages, sorted. A page that is in no list up to some checkpoint is zero there
 * (RAM) or as the disk's base image has it.
 */
#include "core/checkpoint.h"

#include <stdlib.h>
#include <string.h>

#include "bus/bus.h"
#include "core/digest.h"
#include "core/input.h"
#include "core/machine.h"
#include "core/payload.h"
#include "core/ram.h"

/* Number of a page of RAM, or of a disk block plus DISK. */
typedef uint64_t page_key;
#define DISK (UINT64_C(1) << 32)

struct page {
    page_key key;
    uint8_t *bytes; /* TG_PAGE_BYTES; NULL: zeros */
};

struct checkpoint {
    struct tg_position position;
    size_t inputs_applied; /* of the input log */
    bool is_cut;
    uint8_t *state; /* of all rows of the payload, in their outside form */
    struct page *pages;
    size_t page_count;
    size_t bytes; /* of host memory */
};

struct tg_timeline {
    struct tg_machine *machine;
    struct checkpoint *list;
    size_t count, capacity, present;
    size_t bytes, state_bytes;
    struct tg_payload_row rows[TG_PAYLOAD_MAX_ROWS];
    uint32_t row_count;
};

_Static_assert(TG_DISK_BLOCK_BYTES == TG_PAGE_BYTES, "disk blocks and pages are kept alike");

/* --- Sets of pages ---------------------------------------------------------------------------- */

static int compare_pages(const void *left, const void *right)
{
    page_key a = ((const struct page *)left)->key, b = ((const struct page *)right)->key;
    return (a > b) - (a < b);
}

/* Sorts pages and leaves each key in once; how many are left. */
static size_t make_set(struct page *pages, size_t count)
{
    size_t kept = 0;
    if (count > 0)
        qsort(pages, count, sizeof *pages, compare_pages);
    for (size_t i = 0; i < count; i++) {
        if (kept == 0 || pages[kept - 1].key != pages[i].key)
            pages[kept++] = pages[i];
    }
    return kept;
}

static size_t written_count(const struct tg_machine *machine)
{
    const uint32_t *blocks;
    return machine->ram.unkept_count + tg_bus_disk_unkept(machine, &blocks);
}

/* Appends the keys of all that was written since the present checkpoint. */
static size_t add_written(const struct tg_machine *machine, struct page *pages, size_t count)
{
    const uint32_t *blocks;
    size_t block_count = tg_bus_disk_unkept(machine, &blocks);
    for (uint32_t i = 0; i < machine->ram.unkept_count; i++)
        pages[count++] = (struct page){machine->ram.unkept[i], NULL};
    for (size_t i = 0; i < block_count; i++)
        pages[count++] = (struct page){DISK + blocks[i], NULL};
    return count;
}

static const uint8_t *bytes_of(const struct tg_machine *machine, page_key key, uint8_t *scratch)
{
    if (key < DISK)
        return machine->ram.bytes + key * TG_PAGE_BYTES;
    uint64_t at = (key - DISK) * TG_PAGE_BYTES, size = tg_machine_disk_bytes(machine);
    memset(scratch, 0, TG_PAGE_BYTES);
    tg_bus_disk_read(machine, at, scratch, size - at < TG_PAGE_BYTES ? size - at : TG_PAGE_BYTES);
    return scratch;
}

static bool is_zero(const uint8_t *bytes)
{
    return bytes[0] == 0 && memcmp(bytes, bytes + 1, TG_PAGE_BYTES - 1) == 0;
}

/* --- Making ----------------------------------------------------------------------------------- */

static void finish_checkpoint(struct checkpoint *c)
{
    for (size_t i = 0; i < c->page_count; i++)
        free(c->pages[i].bytes);
    free(c->pages);
    free(c->state);
}

/* Copies of the pages as they now are. False: no memory. */
static bool copy_pages(const struct tg_machine *machine, struct checkpoint *c)
{
    uint8_t scratch[TG_PAGE_BYTES];
    c->bytes = sizeof *c + c->page_count * sizeof *c->pages;
    for (size_t i = 0; i < c->page_count; i++) {
        const uint8_t *bytes = bytes_of(machine, c->pages[i].key, scratch);
        if (is_zero(bytes))
            continue;
        c->pages[i].bytes = malloc(TG_PAGE_BYTES);
        if (!c->pages[i].bytes)
            return false;
        memcpy(c->pages[i].bytes, bytes, TG_PAGE_BYTES);
        c->bytes += TG_PAGE_BYTES;
    }
    return true;
}

static bool make_checkpoint(const struct tg_timeline *t, bool is_cut, struct checkpoint *c)
{
    struct tg_machine *machine = t->machine;
    *c = (struct checkpoint){.position = tg_machine_position(machine),
                             .inputs_applied = machine->log->applied,
                             .is_cut = is_cut};
    c->pages = malloc((written_count(machine) + 1) * sizeof *c->pages);
    c->state = malloc(t->state_bytes);
    if (!c->pages || !c->state)
        return false;
    c->page_count = make_set(c->pages, add_written(machine, c->pages, 0));
    uint8_t *to = c->state;
    for (uint32_t i = 0; i < t->row_count; i++) {
        tg_fields_encode(t->rows[i].table, t->rows[i].state, to);
        to += tg_fields_bytes(t->rows[i].table);
    }
    if (!copy_pages(machine, c))
        return false;
    c->bytes += t->state_bytes;
    return true;
}

static bool has_room(struct tg_timeline *t)
{
    if (t->count < t->capacity)
        return true;
    size_t capacity = t->capacity ? 2 * t->capacity : 16;
    struct checkpoint *list = realloc(t->list, capacity * sizeof *list);
    if (list) {
        t->list = list;
        t->capacity = capacity;
    }
    return list != NULL;
}

static void keep_all(struct tg_machine *machine)
{
    tg_ram_keep(machine);
    tg_bus_disk_keep(machine);
}

/* Gives those pages of `from` that *to does not list to *to, whose list has room; the rest is
 * freed. Both are sorted. */
static size_t hand_over(struct checkpoint *from, struct checkpoint *to, struct page *merged)
{
    size_t f = 0, t = 0, count = 0, moved_bytes = 0;
    while (f < from->page_count || t < to->page_count) {
        bool is_from =
            t == to->page_count || (f < from->page_count && from->pages[f].key < to->pages[t].key);
        if (is_from) {
            moved_bytes += sizeof *merged + (from->pages[f].bytes ? TG_PAGE_BYTES : 0);
            merged[count++] = from->pages[f++];
            continue;
        }
        if (f < from->page_count && from->pages[f].key == to->pages[t].key)
            free(from->pages[f++].bytes);
        merged[count++] = to->pages[t++];
    }
    to->page_count = count;
    from->page_count = 0;
    return moved_bytes;
}

/* The checkpoints behind the present one say what was written since it; one that is put between
 * says only a part. So what it lists and its successor does not, its successor has to list as it
 * was in the present one. */
static bool complete_successor(struct tg_timeline *t, const struct checkpoint *fresh);

int tg_timeline_add(struct tg_timeline *t, bool is_cut)
{
    struct checkpoint fresh;
    if (!has_room(t))
        return TG_E_NOMEM;
    if (!make_checkpoint(t, is_cut, &fresh) ||
        (t->present + 1 < t->count && !complete_successor(t, &fresh))) {
        finish_checkpoint(&fresh);
        return TG_E_NOMEM;
    }
    size_t number = t->count == 0 ? 0 : t->present + 1;
    memmove(&t->list[number + 1], &t->list[number], (t->count - number) * sizeof *t->list);
    t->list[number] = fresh;
    t->bytes += fresh.bytes;
    t->count++;
    t->present = number;
    keep_all(t->machine);
    return TG_OK;
}

/* --- Finding what a page was -------------------------------------------------------------------
 */

/* Fills in the bytes of each of pages (sorted) as they were at a checkpoint: not copies. found:
 * a byte a page, for whether a list has it; the others are zero or the base image's. */
static void look_up(const struct tg_timeline *t, size_t number, struct page *pages, size_t count,
                    uint8_t *found)
{
    memset(found, 0, count);
    for (size_t c = number + 1; c-- > 0;) {
        const struct checkpoint *in = &t->list[c];
        size_t at = 0;
        for (size_t i = 0; i < count && at < in->page_count; i++) {
            while (at < in->page_count && in->pages[at].key < pages[i].key)
                at++;
            if (!found[i] && at < in->page_count && in->pages[at].key == pages[i].key) {
                pages[i].bytes = in->pages[at].bytes;
                found[i] = 1;
            }
        }
    }
}

/* A copy of a page that look_up did not find in any list. NULL and true: zeros. */
static bool copy_original(const struct tg_timeline *t, page_key key, uint8_t **ret_bytes)
{
    uint64_t size = 0;
    const uint8_t *base = key < DISK ? NULL : tg_bus_disk_base(t->machine, &size);
    *ret_bytes = NULL;
    if (!base)
        return true;
    uint64_t at = (key - DISK) * TG_PAGE_BYTES;
    *ret_bytes = calloc(1, TG_PAGE_BYTES);
    if (*ret_bytes)
        memcpy(*ret_bytes, base + at, size - at < TG_PAGE_BYTES ? size - at : TG_PAGE_BYTES);
    return *ret_bytes != NULL;
}

static bool complete_successor(struct tg_timeline *t, const struct checkpoint *fresh)
{
    struct checkpoint *next = &t->list[t->present + 1];
    struct checkpoint old = {.page_count = fresh->page_count};
    uint8_t *found = malloc(fresh->page_count + 1);
    struct page *merged = malloc((fresh->page_count + next->page_count + 1) * sizeof *merged);
    old.pages = calloc(fresh->page_count + 1, sizeof *old.pages);
    bool is_done = found && merged && old.pages;
    if (is_done) {
        for (size_t i = 0; i < fresh->page_count; i++)
            old.pages[i].key = fresh->pages[i].key;
        look_up(t, t->present, old.pages, old.page_count, found);
    }
    for (size_t i = 0; i < old.page_count && old.pages; i++) {
        uint8_t *bytes = is_done ? old.pages[i].bytes : NULL;
        old.pages[i].bytes = NULL;
        if (is_done && found[i] && bytes) {
            is_done = (old.pages[i].bytes = malloc(TG_PAGE_BYTES)) != NULL;
            if (is_done)
                memcpy(old.pages[i].bytes, bytes, TG_PAGE_BYTES);
        } else if (is_done && !found[i]) {
            is_done = copy_original(t, old.pages[i].key, &old.pages[i].bytes);
        }
    }
    if (is_done) {
        size_t moved = hand_over(&old, next, merged);
        next->bytes += moved;
        t->bytes += moved;
        free(next->pages);
        next->pages = merged;
        merged = NULL;
    }
    free(merged);
    free(found);
    finish_checkpoint(&old);
    return is_done;
}

/* --- Going ------------------------------------------------------------------------------------ */

/* The pages in which the machine now may differ from checkpoint number, as they are there; the
 * caller's to free but for their bytes. */
static struct page *find_differences(const struct tg_timeline *t, size_t number, size_t *ret_count,
                                     uint8_t **ret_found)
{
    size_t first = number < t->present ? number : t->present;
    size_t last = number < t->present ? t->present : number;
    size_t room = written_count(t->machine) + 1;
    for (size_t c = first + 1; c <= last; c++)
        room += t->list[c].page_count;
    struct page *pages = malloc(room * sizeof *pages);
    *ret_found = malloc(room);
    if (!pages || !*ret_found) {
        free(pages);
        free(*ret_found);
        return NULL;
    }
    size_t count = add_written(t->machine, pages, 0);
    for (size_t c = first + 1; c <= last; c++) {
        for (size_t i = 0; i < t->list[c].page_count; i++)
            pages[count++] = (struct page){t->list[c].pages[i].key, NULL};
    }
    *ret_count = make_set(pages, count);
    look_up(t, number, pages, *ret_count, *ret_found);
    return pages;
}

static void put_page(struct tg_machine *machine, const struct page *page, bool is_found)
{
    static const uint8_t zeros[TG_PAGE_BYTES];
    const uint8_t *bytes = page->bytes ? page->bytes : zeros;
    if (page->key < DISK)
        tg_ram_write(machine, (uint32_t)page->key * TG_PAGE_BYTES, bytes, TG_PAGE_BYTES);
    else if (is_found)
        tg_bus_disk_set_block(machine, page->key - DISK, bytes);
    else
        tg_bus_disk_forget_change(machine, page->key - DISK);
}

int tg_timeline_go(struct tg_timeline *t, size_t number)
{
    size_t count = 0;
    uint8_t *found = NULL;
    struct page *pages = find_differences(t, number, &count, &found);
    if (!pages)
        return TG_E_NOMEM;
    const struct checkpoint *c = &t->list[number];
    for (size_t i = 0; i < count; i++)
        put_page(t->machine, &pages[i], found[i]);
    const uint8_t *from = c->state;
    for (uint32_t i = 0; i < t->row_count; i++) {
        tg_fields_decode(t->rows[i].table, from, t->rows[i].state);
        from += tg_fields_bytes(t->rows[i].table);
    }
    tg_machine_rewound(t->machine, c->inputs_applied);
    keep_all(t->machine);
    t->present = number;
    free(pages);
    free(found);
    return TG_OK;
}

void tg_timeline_pass(struct tg_timeline *t)
{
    keep_all(t->machine);
    t->present++;
}

/* --- Forgetting ------------------------------------------------------------------------------- */

bool tg_timeline_forget(struct tg_timeline *t, size_t number)
{
    if (number == 0 || number >= t->count || number == t->present || t->list[number].is_cut)
        return false;
    struct checkpoint *gone = &t->list[number];
    struct checkpoint *next = number + 1 < t->count ? gone + 1 : NULL;
    if (next && next->is_cut)
        return false;
    if (next) {
        size_t room = gone->page_count + next->page_count + 1;
        struct page *merged = malloc(room * sizeof *merged);
        if (!merged)
            return false;
        size_t moved = hand_over(gone, next, merged);
        next->bytes += moved;
        t->bytes += moved;
        free(next->pages);
        next->pages = merged;
    }
    t->bytes -= gone->bytes;
    finish_checkpoint(gone);
    t->count--;
    memmove(gone, gone + 1, (t->count - number) * sizeof *gone);
    if (t->present > number)
        t->present--;
    return true;
}

void tg_timeline_branch(struct tg_timeline *t)
{
    while (t->count > t->present + 1) {
        t->count--;
        t->bytes -= t->list[t->count].bytes;
        finish_checkpoint(&t->list[t->count]);
    }
    tg_input_log_cut(t->machine);
}

/* --- The list --------------------------------------------------------------------------------- */

struct tg_timeline *tg_timeline_create(struct tg_machine *machine)
{
    struct tg_timeline *t = calloc(1, sizeof *t);
    if (!t)
        return NULL;
    t->machine = machine;
    t->row_count = tg_payload_rows(machine, machine->config.cpus, t->rows);
    for (uint32_t i = 0; i < t->row_count; i++)
        t->state_bytes += tg_fields_bytes(t->rows[i].table);
    tg_digest_refresh_ram(machine); /* then a page whose hash is 0 is all zeros */
    if (tg_ram_keep_begin(machine) && tg_bus_disk_keep_begin(machine) &&
        tg_timeline_add(t, false) == TG_OK)
        return t;
    tg_timeline_destroy(t);
    return NULL;
}

void tg_timeline_destroy(struct tg_timeline *t)
{
    if (!t)
        return;
    for (size_t i = 0; i < t->count; i++)
        finish_checkpoint(&t->list[i]);
    tg_ram_keep_end(t->machine);
    tg_bus_disk_keep_end(t->machine);
    free(t->list);
    free(t);
}

size_t tg_timeline_count(const struct tg_timeline *t)
{
    return t->count;
}

struct tg_position tg_timeline_position(const struct tg_timeline *t, size_t number)
{
    return t->list[number].position;
}

size_t tg_timeline_bytes(const struct tg_timeline *t)
{
    return t->bytes;
}

size_t tg_timeline_present(const struct tg_timeline *t)
{
    return t->present;
}

bool tg_timeline_is_cut(const struct tg_timeline *t, size_t number)
{
    return t->list[number].is_cut;
}
