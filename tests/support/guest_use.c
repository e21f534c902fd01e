/* See guest_use.h. */
#include "support/guest_use.h"

#include <stdlib.h>
#include <string.h>

#include "debug/why.h"

#define MOST_ROWS  24 /* of a list whose values are looked at */
#define MOST_FOUND 32

bool guest_use_find(void *context, const char *service, const char *symbol, uint32_t *ret_address)
{
    (void)context;
    (void)symbol;
    *ret_address = GUEST_USE_TABLE;
    return service == NULL || service[0] != '\0';
}

static bool is_text(const char *text)
{
    for (size_t i = 0; i < TG_GUEST_TEXT_BYTES; i++) {
        if (text[i] == '\0')
            return true;
        if (text[i] < ' ' || text[i] > '~')
            return false;
    }
    return false;
}

static const char *use_lists(const struct tg_guest *guest)
{
    for (size_t i = 0; i < tg_guest_list_count(guest); i++) {
        const struct tg_guest_list *list = tg_guest_list(guest, i);
        struct tg_guest_row row = {.list = list};
        struct tg_guest_value value;

        if (!is_text(list->name) || tg_guest_find_list(guest, list->name) != list)
            return "a list is not found by its name";
        for (unsigned rows = 0; rows < MOST_ROWS && tg_guest_next_row(guest, &row); rows++) {
            if (row.number >= TG_GUEST_MOST_ROWS)
                return "a row's number is beyond the last";
            for (uint32_t field = 0; field < list->field_count; field++)
                if (tg_guest_value(guest, &row, (int)field, &value) && !is_text(value.text))
                    return "a value's text is none";
        }
    }
    return tg_guest_list(guest, tg_guest_list_count(guest)) == NULL ? NULL : "there is a list beyond the last";
}

static const char *use_processes(const struct tg_guest *guest)
{
    static struct tg_guest_process rows[MOST_FOUND], cycle[TG_GUEST_MOST_CYCLE], other;
    size_t count = tg_guest_processes(guest, rows, MOST_FOUND);
    char words[TG_GUEST_TEXT_BYTES * 2];

    for (size_t i = 0; i < count && i < 4; i++) {
        tg_guest_process_words(&rows[i], words);
        if (!is_text(rows[i].name) || !is_text(rows[i].state_name) || strlen(words) >= sizeof words)
            return "a process has a name that is no text";
        if (tg_guest_refused(guest, &rows[i], cycle) > TG_GUEST_MOST_CYCLE)
            return "a refused cycle is too long";
        tg_guest_process_by_pid(guest, rows[i].pid, &other);
        if (!tg_guest_process_by_key(guest, rows[i].key, &other) || other.key != rows[i].key)
            return "a process is not found by its key";
    }
    return tg_guest_deadlock(guest, cycle) <= TG_GUEST_MOST_CYCLE ? NULL : "a deadlock is too long";
}

static const char *use_others(const struct tg_guest *guest)
{
    static struct {
        struct tg_guest_service services[MOST_FOUND];
        struct tg_guest_request requests[MOST_FOUND];
        struct tg_guest_queue queues[MOST_FOUND];
        struct tg_guest_file files[MOST_FOUND];
        struct tg_guest_wait waits[MOST_FOUND];
    } found;
    struct tg_guest_convention convention;
    struct tg_guest_call call;
    const struct tg_entry_event event = {.kind = TG_ENTRY_TRAP, .vector = 64};

    tg_guest_services(guest, found.services, MOST_FOUND);
    tg_guest_requests(guest, found.requests, MOST_FOUND);
    tg_guest_queues(guest, found.queues, MOST_FOUND);
    tg_guest_files(guest, NULL, found.files, MOST_FOUND);
    tg_guest_waits(guest, found.waits, MOST_FOUND);
    tg_guest_call_at(guest, &event, &call);
    for (uint32_t i = 0; i < tg_guest_call_count(guest) && i < 8; i++) {
        const char *name = tg_guest_call_name(guest, i);

        if (name != NULL && tg_guest_call_number(guest, name, strlen(name)) < 0)
            return "a call is not found by its name";
    }
    tg_guest_message_name(guest, 0);
    if (tg_guest_convention(guest, &convention) && (convention.vector > 255 || convention.number_register > 31))
        return "calls go by a vector or register that does not exist";
    return NULL;
}

const char *guest_use(const struct tg_machine *machine, const struct tg_guest *guest)
{
    static struct tg_why why;
    static char text[TG_WHY_BYTES];
    const char *wrong = use_lists(guest);

    if (wrong == NULL)
        wrong = use_processes(guest);
    if (wrong == NULL)
        wrong = use_others(guest);
    if (wrong == NULL && (tg_why(machine, guest, 0, &why) != TG_OK || why.count == 0 || why.count > TG_WHY_MOST_STEPS))
        wrong = "there is no reason for a CPU to be where it is";
    if (wrong == NULL)
        tg_why_text(machine, &why, NULL, text);
    return wrong;
}
