/*
 * Sessions as bytes: a snapshot where history begins, the input since, places and names, the front
 * end's text. A file comes from anywhere: everything in it is checked, and it is replayed in a
 * machine of its own, before this session is touched. docs/formats.md (session).
 */
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "core/bytes.h"
#include "core/error.h"
#include "core/input.h"
#include "debug/internal.h"

#define MAGIC       "\x89TGSESS\n"
#define MAGIC_BYTES 8
#define VERSION     1

/* Offsets in the file; numbers are little-endian, u64 where nothing else is said. */
enum {
    PLACE_BYTES = 40, /* insns, interrupts, time, inputs, is_idle */
    AT_VERSION = 8,   /* u32 */
    AT_RESERVED = 12, /* u32, 0 */
    AT_CHECKSUM = 16, /* XXH3-64 of all that follows it */
    AT_SNAPSHOT_BYTES = 24,
    AT_LOG_BYTES = 32,
    AT_TEXT_BYTES = 40,
    AT_BOOKMARKS = 48, /* how many */
    AT_WAITING = 56,   /* how many inputs had not taken effect yet */
    AT_NOW = 64,
    AT_LAST = AT_NOW + PLACE_BYTES,
    AT_DIGEST = AT_LAST + PLACE_BYTES, /* at the last place */
    HEADER_BYTES = AT_DIGEST + 8,
    NAME_BYTES = 64, /* filled up with zeros */
    BOOKMARK_BYTES = NAME_BYTES + PLACE_BYTES,
    WAITING_BYTES = 8 /* kind and value, u32 */
};

/* --- Places ----------------------------------------------------------------------------------- */

static void put_place(uint8_t *bytes, const struct tg_debug_place *place)
{
    tg_put_le(bytes, 8, place->insns);
    tg_put_le(bytes + 8, 8, place->interrupts);
    tg_put_le(bytes + 16, 8, place->time);
    tg_put_le(bytes + 24, 8, place->inputs);
    tg_put_le(bytes + 32, 8, place->is_idle);
}

static bool get_place(const uint8_t *bytes, struct tg_debug_place *ret_place)
{
    *ret_place = (struct tg_debug_place){
        .insns = tg_get_le(bytes, 8),
        .interrupts = tg_get_le(bytes + 8, 8),
        .time = tg_get_le(bytes + 16, 8),
        .inputs = tg_get_le(bytes + 24, 8),
        .is_idle = tg_get_le(bytes + 32, 8) == 1,
    };
    uint64_t most = UINT64_MAX / 4; /* sums of them stay in range */
    return tg_get_le(bytes + 32, 8) <= 1 && ret_place->insns < most &&
           ret_place->interrupts < most && ret_place->time < most;
}

/* --- Saving ----------------------------------------------------------------------------------- */

/* What a session consists of. Pointers are its own or the file's. */
struct session {
    void *snapshot;
    char *log;
    const void *text;
    size_t snapshot_bytes, log_bytes, text_bytes, bookmark_count;
    const uint8_t *bookmarks, *waiting; /* of a file */
    size_t waiting_count;
    struct tg_input *inputs;               /* those that wait, to be saved */
    struct tg_debug_place root, now, last; /* root: where its history begins */
    uint64_t digest;
};

/* At the present all input that waits is in the machine's queue. */
static int copy_waiting(const struct tg_input_log *log, struct session *s)
{
    s->waiting_count = log->count - log->applied;
    s->inputs = calloc(s->waiting_count + 1, sizeof *s->inputs);
    for (size_t i = 0; s->inputs && i < s->waiting_count; i++)
        s->inputs[i] = log->events[log->applied + i].input;
    return s->inputs ? TG_OK : TG_E_NOMEM;
}

/* Fills in all that takes the machine elsewhere. */
static int gather(struct tg_debug *debug, struct session *s)
{
    struct tg_history *h = &debug->history;
    int result = tg_history_go(h, &h->last);
    if (result == TG_OK)
        result = tg_machine_log_save(debug->machine, &s->log, &s->log_bytes);
    if (result != TG_OK)
        return result;
    s->digest = tg_machine_digest(debug->machine);
    result = copy_waiting(debug->machine->log, s);
    if (result != TG_OK)
        return result;
    s->root = h->places[tg_history_root(h)];
    result = tg_history_go_checkpoint(h, tg_history_root(h));
    if (result == TG_OK)
        result = tg_machine_save(debug->machine, &s->snapshot, &s->snapshot_bytes);
    return result;
}

/* Bookmarks before the session's beginning cannot be gone to in it. */
static size_t first_bookmark(const struct tg_debug *debug, const struct tg_debug_place *root)
{
    size_t first = 0;
    while (first < debug->bookmark_count &&
           tg_debug_compare_places(&debug->bookmarks[first].place, root) < 0)
        first++;
    return first;
}

static uint8_t *write_file(const struct tg_debug *debug, const struct session *s, size_t *ret_size)
{
    size_t first = first_bookmark(debug, &s->root), count = debug->bookmark_count - first;
    size_t size = HEADER_BYTES + s->snapshot_bytes + s->log_bytes + count * BOOKMARK_BYTES +
                  s->waiting_count * WAITING_BYTES + s->text_bytes;
    uint8_t *file = calloc(1, size);
    if (!file)
        return NULL;
    memcpy(file, MAGIC, MAGIC_BYTES);
    tg_put_le(file + AT_VERSION, 4, VERSION);
    tg_put_le(file + AT_SNAPSHOT_BYTES, 8, s->snapshot_bytes);
    tg_put_le(file + AT_LOG_BYTES, 8, s->log_bytes);
    tg_put_le(file + AT_TEXT_BYTES, 8, s->text_bytes);
    tg_put_le(file + AT_BOOKMARKS, 8, count);
    tg_put_le(file + AT_WAITING, 8, s->waiting_count);
    put_place(file + AT_NOW, &s->now);
    put_place(file + AT_LAST, &s->last);
    tg_put_le(file + AT_DIGEST, 8, s->digest);
    uint8_t *to = file + HEADER_BYTES;
    memcpy(to, s->snapshot, s->snapshot_bytes);
    to += s->snapshot_bytes;
    memcpy(to, s->log, s->log_bytes);
    to += s->log_bytes;
    for (size_t i = first; i < debug->bookmark_count; i++, to += BOOKMARK_BYTES) {
        memcpy(to, debug->bookmarks[i].name, NAME_BYTES);
        put_place(to + NAME_BYTES, &debug->bookmarks[i].place);
    }
    for (size_t i = 0; i < s->waiting_count; i++, to += WAITING_BYTES) {
        tg_put_le(to, 4, (uint64_t)s->inputs[i].kind);
        tg_put_le(to + 4, 4, s->inputs[i].value);
    }
    if (s->text_bytes > 0)
        memcpy(to, s->text, s->text_bytes);
    uint64_t checksum = XXH3_64bits(file + AT_SNAPSHOT_BYTES, size - AT_SNAPSHOT_BYTES);
    tg_put_le(file + AT_CHECKSUM, 8, checksum);
    *ret_size = size;
    return file;
}

int tg_debug_save(struct tg_debug *debug, const void *text, size_t text_size, void **ret_bytes,
                  size_t *ret_size, struct tg_error *error)
{
    struct tg_history *h = &debug->history;
    struct session s = {.text = text, .text_bytes = text_size};
    s.now = tg_history_here(h);
    s.last = h->last;
    atomic_store(&h->is_interrupted, false);
    tg_want_nothing(debug);
    tg_history_keep_here(h);
    int result = gather(debug, &s);
    bool was_interrupted = atomic_exchange(&h->is_interrupted, false);
    int back = tg_history_go(h, &s.now);
    result = result == TG_OK ? back : result;
    uint8_t *file = NULL;
    if (result == TG_OK && tg_debug_compare_places(&s.now, &s.root) < 0)
        s.now = s.root;
    if (result == TG_OK)
        file = write_file(debug, &s, ret_size);
    free(s.snapshot);
    free(s.log);
    free(s.inputs);
    if (file) {
        *ret_bytes = file;
        return TG_OK;
    }
    return was_interrupted ? tg_fail(error, TG_E_DIVERGED, "interrupted")
                           : tg_fail(error, TG_E_NOMEM, "no memory for the session");
}

/* --- Reading ---------------------------------------------------------------------------------- */

static int damaged(struct tg_error *error, const char *what)
{
    return tg_fail(error, TG_E_FORMAT, "session: %s", what);
}

/* Takes count bytes of the rest of the file. */
static bool take(uint64_t *rest, uint64_t count)
{
    if (count > *rest)
        return false;
    *rest -= count;
    return true;
}

static int read_header(const uint8_t *file, size_t size, struct session *s, struct tg_error *error)
{
    if (size < HEADER_BYTES || memcmp(file, MAGIC, MAGIC_BYTES) != 0)
        return damaged(error, "this is no session file");
    if (tg_get_le(file + AT_VERSION, 4) != VERSION || tg_get_le(file + AT_RESERVED, 4) != 0)
        return damaged(error, "its format is another version's: this is version 1");
    if (tg_get_le(file + AT_CHECKSUM, 8) !=
        XXH3_64bits(file + AT_SNAPSHOT_BYTES, size - AT_SNAPSHOT_BYTES))
        return damaged(error, "its checksum is wrong: the file is damaged or cut off");
    uint64_t rest = size - HEADER_BYTES;
    uint64_t snapshot = tg_get_le(file + AT_SNAPSHOT_BYTES, 8);
    uint64_t log = tg_get_le(file + AT_LOG_BYTES, 8), text = tg_get_le(file + AT_TEXT_BYTES, 8);
    uint64_t bookmarks = tg_get_le(file + AT_BOOKMARKS, 8);
    uint64_t waiting = tg_get_le(file + AT_WAITING, 8);
    if (bookmarks > rest / BOOKMARK_BYTES || waiting > rest / WAITING_BYTES ||
        !take(&rest, snapshot) || !take(&rest, log) || !take(&rest, text) ||
        rest != bookmarks * BOOKMARK_BYTES + waiting * WAITING_BYTES)
        return damaged(error, "its sizes do not add up");
    const uint8_t *at = file + HEADER_BYTES;
    *s = (struct session){
        .snapshot = (void *)(uintptr_t)at,
        .log = (char *)(uintptr_t)(at + snapshot),
        .bookmarks = at + snapshot + log,
        .waiting = at + snapshot + log + bookmarks * BOOKMARK_BYTES,
        .text = at + snapshot + log + bookmarks * BOOKMARK_BYTES + waiting * WAITING_BYTES,
        .snapshot_bytes = (size_t)snapshot,
        .log_bytes = (size_t)log,
        .text_bytes = (size_t)text,
        .bookmark_count = (size_t)bookmarks,
        .waiting_count = (size_t)waiting,
        .digest = tg_get_le(file + AT_DIGEST, 8),
    };
    if (!get_place(file + AT_NOW, &s->now) || !get_place(file + AT_LAST, &s->last))
        return damaged(error, "one of its places is impossible");
    return TG_OK;
}

static bool is_between(const struct tg_debug_place *place, const struct tg_debug_place *first,
                       const struct tg_debug_place *last)
{
    return tg_debug_compare_places(first, place) <= 0 && tg_debug_compare_places(place, last) <= 0;
}

/* Puts a file's bookmarks into a debugger that has none yet. */
static int read_bookmarks(struct tg_debug *to, const struct session *s,
                          const struct tg_debug_place *first, struct tg_error *error)
{
    for (size_t i = 0; i < s->bookmark_count; i++) {
        const uint8_t *at = s->bookmarks + i * BOOKMARK_BYTES;
        struct tg_debug_place place;
        char name[NAME_BYTES];
        memcpy(name, at, NAME_BYTES);
        if (!memchr(name, 0, NAME_BYTES) || !get_place(at + NAME_BYTES, &place) ||
            !is_between(&place, first, &s->last))
            return damaged(error, "one of its named places is impossible");
        int result = tg_bookmark_put(to, name, &place, error);
        if (result != TG_OK)
            return result == TG_E_NOMEM ? result : damaged(error, "one of its names is impossible");
    }
    return TG_OK;
}

static int read_waiting(struct tg_history *to, const struct session *s, struct tg_error *error)
{
    to->waiting = calloc(s->waiting_count + 1, sizeof *to->waiting);
    if (!to->waiting)
        return tg_fail(error, TG_E_NOMEM, "no memory for the session's input");
    for (size_t i = 0; i < s->waiting_count; i++) {
        const uint8_t *at = s->waiting + i * WAITING_BYTES;
        uint32_t kind = (uint32_t)tg_get_le(at, 4), value = (uint32_t)tg_get_le(at + 4, 4);
        const struct tg_input_kind_info *info = tg_input_kind_info(kind);
        if (!info || (value & ~info->mask))
            return damaged(error, "one of its inputs is impossible");
        to->waiting[to->waiting_count++] = (struct tg_input){(enum tg_input_kind)kind, value};
    }
    return TG_OK;
}

/* --- Loading ---------------------------------------------------------------------------------- */

/* The session in a machine whose history begins at its snapshot. */
static int begin(struct tg_machine *machine, struct tg_history *history, size_t limit_bytes,
                 const struct session *s, struct tg_error *error)
{
    int result = tg_machine_load(machine, s->snapshot, s->snapshot_bytes, error);
    if (result == TG_OK)
        result = tg_machine_replay(machine, s->log, s->log_bytes, error);
    if (result != TG_OK)
        return result;
    if (tg_history_init(history, machine, limit_bytes) != TG_OK)
        return tg_fail(error, TG_E_NOMEM, "no memory for the first checkpoint");
    history->last = s->last;
    return TG_OK;
}

static int visit(struct tg_history *h, const struct tg_debug_place *place)
{
    int result = tg_history_go(h, place);
    struct tg_debug_place here = tg_history_here(h);
    bool is_there = tg_debug_compare_places(&here, place) == 0;
    return result == TG_OK && !is_there ? TG_E_DIVERGED : result;
}

/* Every place that the file tells of has to be one; the last comes last. */
static int visit_all(struct tg_debug *trial, const struct session *s)
{
    struct tg_history *h = &trial->history;
    int result = TG_OK;
    for (size_t i = 0; i < trial->bookmark_count && result == TG_OK; i++)
        result = visit(h, &trial->bookmarks[i].place);
    if (result == TG_OK)
        result = visit(h, &s->now);
    return result == TG_OK ? visit(h, &s->last) : result;
}

/* Replays a session in a machine of its own. */
static int try_out(struct tg_debug *debug, struct tg_debug *trial, const struct session *s,
                   struct tg_error *error)
{
    struct tg_history *h = &trial->history;
    int result = begin(trial->machine, h, debug->options.history_bytes, s, error);
    if (result != TG_OK)
        return result;
    if (!is_between(&s->now, &h->places[0], &s->last))
        return damaged(error, "its place is not in its history");
    result = read_bookmarks(trial, s, &h->places[0], error);
    if (result == TG_OK)
        result = read_waiting(h, s, error);
    if (result != TG_OK)
        return result;
    struct tg_input *waiting = h->waiting;
    h->waiting = NULL; /* it is for those who come after */
    size_t waiting_count = h->waiting_count;
    h->waiting_count = 0;
    atomic_store(&debug->trial, h);
    result = visit_all(trial, s);
    atomic_store(&debug->trial, NULL);
    free(h->waiting);
    h->waiting = waiting;
    h->waiting_count = waiting_count;
    if (atomic_load(&h->is_interrupted))
        return tg_fail(error, TG_E_DIVERGED, "interrupted");
    if (result == TG_E_NOMEM)
        return tg_fail(error, result, "no memory for replaying the session");
    if (result != TG_OK || tg_machine_digest(trial->machine) != s->digest)
        return tg_fail(error, TG_E_DIVERGED,
                       "session: replayed, it does not come to where it was saved");
    return TG_OK;
}

/* Puts a session that was tried out in place of the present one. */
static int replace(struct tg_debug *debug, struct tg_debug *trial, const struct session *s,
                   struct tg_error *error)
{
    struct tg_history *h = &debug->history;
    struct tg_history fresh;
    int result = tg_machine_load(debug->machine, s->snapshot, s->snapshot_bytes, error);
    if (result != TG_OK)
        return result;

    /* The machine is the session's from here on; what can fail still is memory, and is tried
     * again. */
    tg_history_finish(h);
    result = tg_machine_replay(debug->machine, s->log, s->log_bytes, error);
    if (result == TG_OK)
        result = tg_history_init(&fresh, debug->machine, debug->options.history_bytes);
    if (result != TG_OK)
        return tg_fail(error, TG_E_NOMEM, "no memory: this session has lost its history");
    fresh.last = s->last;
    fresh.waiting = trial->history.waiting;
    fresh.waiting_count = trial->history.waiting_count;
    trial->history.waiting = NULL;
    *h = fresh;
    free(debug->bookmarks);
    debug->bookmarks = trial->bookmarks;
    debug->bookmark_count = trial->bookmark_count;
    debug->bookmark_capacity = trial->bookmark_capacity;
    trial->bookmarks = NULL;
    do {
        atomic_store(&h->is_interrupted, false);
        result = tg_history_go(h, &s->now);
    } while (result == TG_E_DIVERGED && atomic_load(&h->is_interrupted));
    if (!tg_history_is_past(h))
        tg_history_settle(h); /* it takes what waits */
    return result == TG_OK ? TG_OK : tg_fail(error, result, "no memory for going to its place");
}

int tg_debug_load(struct tg_debug *debug, const void *bytes, size_t size, char **ret_text,
                  size_t *ret_text_size, struct tg_error *error)
{
    struct session s = {0};
    struct tg_debug trial = {0};
    /* The snapshot says how much RAM there is; until then little will do. */
    const struct tg_config config = {.engine = debug->machine->engine->name,
                                     .ram_bytes = TG_MIN_RAM_BYTES};
    int result = read_header(bytes, size, &s, error);
    if (result != TG_OK)
        return result;
    char *text = malloc(s.text_bytes + 1);
    if (!text)
        return tg_fail(error, TG_E_NOMEM, "no memory for the session's text");
    memcpy(text, s.text, s.text_bytes);
    text[s.text_bytes] = 0;
    tg_want_nothing(debug);
    atomic_store(&debug->history.is_interrupted, false);
    result = tg_machine_create(&config, NULL, &trial.machine, error);
    if (result == TG_OK) {
        result = try_out(debug, &trial, &s, error);
        if (result == TG_OK)
            result = replace(debug, &trial, &s, error);
        tg_history_finish(&trial.history);
        free(trial.bookmarks);
        tg_machine_destroy(trial.machine);
    }
    if (result != TG_OK) {
        free(text);
        return result;
    }
    *ret_text = text;
    *ret_text_size = s.text_bytes;
    return TG_OK;
}
