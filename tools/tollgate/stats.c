/* See stats.h. */
#include "stats.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/files.h"

static json_t *count(uint64_t value)
{
    return json_integer((json_int_t)value);
}

static json_t *row(const uint64_t *values, size_t length)
{
    json_t *array = json_array();
    for (size_t i = 0; i < length; i++)
        json_array_append_new(array, count(values[i]));
    return array;
}

/* Only the numbers that occurred, by number. */
static json_t *sparse(const uint64_t *values, size_t length)
{
    json_t *object = json_object();
    char name[24];
    for (size_t i = 0; i < length; i++)
        if (values[i] != 0) {
            snprintf(name, sizeof name, "%zu", i);
            json_object_set_new(object, name, count(values[i]));
        }
    return object;
}

static json_t *counts_as_json(const struct tg_counts *counts)
{
    json_t *object = json_object(), *crossings = json_array();
    json_object_set_new(object, "instructions_by_ring", row(counts->insns_by_ring, 4));
    json_object_set_new(object, "instructions_by_space", sparse(counts->insns_by_space, 256));
    json_object_set_new(object, "entries_by_vector", sparse(counts->entries, 256));
    json_object_set_new(object, "exceptions", count(counts->entries_by_kind[TG_ENTRY_EXCEPTION]));
    json_object_set_new(object, "interrupts", count(counts->entries_by_kind[TG_ENTRY_INTERRUPT]));
    json_object_set_new(object, "traps", count(counts->entries_by_kind[TG_ENTRY_TRAP]));
    for (size_t from = 0; from < 4; from++)
        json_array_append_new(crossings, row(counts->crossings[from], 4));
    json_object_set_new(object, "crossings_from_to", crossings);
    json_object_set_new(object, "instruction_fills", count(counts->instruction_fills));
    json_object_set_new(object, "data_fills", count(counts->data_fills));
    json_object_set_new(object, "walk_references", count(counts->walk_references));
    json_object_set_new(object, "port_reads", count(counts->port_reads));
    json_object_set_new(object, "port_writes", count(counts->port_writes));
    json_object_set_new(object, "space_switches", count(counts->space_switches));
    return object;
}

bool stats_write(const struct tg_machine *machine, const struct tg_stop *stop, const char *path)
{
    static const char *const reasons[] = {"limit", "power off", "panic", "fatal", "idle", "input", "break", "request"};
    struct tg_position at = tg_machine_position(machine);
    json_t *root = json_object(), *cpus = json_array();
    json_object_set_new(root, "format", json_string("tollgate stats 1"));
    json_object_set_new(root, "stop", json_string(reasons[stop->reason]));
    json_object_set_new(root, "status", count(stop->status));
    json_object_set_new(root, "instructions", count(at.insns));
    json_object_set_new(root, "time", count(at.time));
    for (uint32_t i = 0; i < tg_machine_config(machine)->cpus; i++) {
        struct tg_counts counts;
        tg_machine_counts(machine, i, &counts);
        json_array_append_new(cpus, counts_as_json(&counts));
    }
    json_object_set_new(root, "cpus", cpus);
    char *text = json_dumps(root, JSON_INDENT(2));
    json_decref(root);
    if (text == NULL) {
        fprintf(stderr, "tollgate: statistics file %s: not enough memory\n", path);
        return false;
    }
    bool is_written = file_write("statistics file", path, text, strlen(text));
    free(text);
    return is_written;
}
