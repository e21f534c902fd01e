/* See ledger.h. */
#include "ledger.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "debug/explain.h"

static const char *const kind_names[] = {"exception", "interrupt", "trap"};

bool ledger_open(struct ledger *ledger, const char *path)
{
    size_t length = strlen(path);
    ledger->is_json = length >= 6 && strcmp(path + length - 6, ".jsonl") == 0;
    ledger->stream = fopen(path, "w");
    if (ledger->stream == NULL) {
        fprintf(stderr, "tollgate: ledger %s: %s\n", path, strerror(errno));
        return false;
    }
    if (!ledger->is_json)
        fputs("# tollgate ledger 1: insn time cpu from->to kind vector pc target error address\n", ledger->stream);
    return true;
}

void ledger_note_entry(void *context, const struct tg_entry_event *event)
{
    struct ledger *ledger = context;
    struct tg_position at = tg_machine_position(ledger->machine);
    char pc[160], handler[160];
    tg_explain_address(ledger->machine, event->saved_pc, pc, sizeof pc);
    tg_explain_address(ledger->machine, event->handler, handler, sizeof handler);
    fprintf(ledger->stream,
            ledger->is_json ? "{\"insn\":%" PRIu64 ",\"time\":%" PRIu64 ",\"cpu\":%" PRIu32 ",\"from\":%" PRIu32
                              ",\"to\":%" PRIu32 ",\"kind\":\"%s\",\"vector\":%" PRIu32
                              ",\"pc\":\"%s\",\"target\":\"%s\",\"error\":%" PRIu32 ",\"address\":%" PRIu32 "}\n"
                            : "%" PRIu64 " %" PRIu64 " %" PRIu32 " %" PRIu32 "->%" PRIu32 " %s %" PRIu32
                              " %s %s 0x%" PRIx32 " 0x%" PRIx32 "\n",
            at.insns, at.time, event->cpu, event->from_ring, event->to_ring, kind_names[event->kind], event->vector, pc,
            handler, event->error, event->address);
}

void ledger_note_return(void *context, const struct tg_return_event *event)
{
    struct ledger *ledger = context;
    struct tg_position at = tg_machine_position(ledger->machine);
    char pc[160], target[160];
    tg_explain_address(ledger->machine, event->pc, pc, sizeof pc);
    tg_explain_address(ledger->machine, event->new_pc, target, sizeof target);
    fprintf(ledger->stream,
            ledger->is_json ? "{\"insn\":%" PRIu64 ",\"time\":%" PRIu64 ",\"cpu\":%" PRIu32 ",\"from\":%" PRIu32
                              ",\"to\":%" PRIu32 ",\"kind\":\"return\",\"pc\":\"%s\",\"target\":\"%s\"}\n"
                            : "%" PRIu64 " %" PRIu64 " %" PRIu32 " %" PRIu32 "->%" PRIu32 " return - %s %s\n",
            at.insns, at.time, event->cpu, event->from_ring, event->to_ring, pc, target);
}

bool ledger_close(struct ledger *ledger, const char *path)
{
    bool is_written = !ferror(ledger->stream);
    if (fclose(ledger->stream) != 0)
        is_written = false;
    if (!is_written)
        fprintf(stderr, "tollgate: ledger %s: %s\n", path, strerror(errno));
    return is_written;
}
