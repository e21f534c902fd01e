/* The order of the steps. See link.h. */
#include "ld/link.h"

#include <stdlib.h>
#include <string.h>

void ld_init(struct ld_link *link, FILE *messages)
{
    *link = (struct ld_link){.messages = messages, .options.most_bytes = TG_OBJ_MAX_BYTES};
    link->memory = tg_obj_create("tg-ld");
    if (!link->memory) {
        fputs("tg-ld: no memory left; nothing was written\n", stderr);
        exit(1);
    }
    link->script_end = &link->script;
    link->outputs_end = &link->outputs;
}

void ld_finish(struct ld_link *link)
{
    for (size_t i = 0; i < link->input_count; i++) {
        tg_lines_close(link->inputs[i]->lines);
        tg_obj_destroy(link->inputs[i]->obj);
    }
    tg_obj_destroy(link->result);
    tg_obj_destroy(link->memory);
}

static void define_in(struct ld_link *link, struct ld_statement *statements)
{
    for (struct ld_statement *s = statements; s; s = s->next)
        if (s->kind == LD_ASSIGN && !s->is_provided && strcmp(s->name, ".") != 0)
            ld_define_by_script(link, s);
}

static void need(struct ld_link *link, const char *name)
{
    ld_need(link, name);
}

bool ld_begin(struct ld_link *link, const char *script, const char *text)
{
    for (size_t i = 0; i < link->options.defsym_count; i++)
        if (!ld_read_defsym(link, link->options.defsyms[i]))
            return false;
    if (!ld_read_script(link, script, text))
        return false;
    if (link->options.entry) {
        link->entry = link->options.entry;
        link->entry_place = (struct ld_place){.file = ld_format(link, "-e %s", link->entry)};
    }
    define_in(link, link->script);
    for (struct ld_output *output = link->outputs; output; output = output->next)
        define_in(link, output->body);
    ld_visit_script_symbols(link, need);
    if (link->entry)
        ld_need(link, link->entry);
    for (size_t i = 0; i < link->options.wanted_count; i++)
        ld_need(link, link->options.wanted[i]);
    return true;
}

/* Nothing but sections and symbols that take part, and what they have to do with each other. */
static bool resolve(struct ld_link *link)
{
    if (link->input_count == 0) {
        ld_error(link, "no objects to link");
        return false;
    }
    ld_pull_members(link);
    ld_place_commons(link);
    ld_assign_sections(link);
    ld_provide(link);
    if (link->options.has_gc)
        ld_collect_unused(link);
    ld_report_undefined(link);
    return link->errors == 0;
}

bool ld_link(struct ld_link *link, uint8_t **ret_bytes, size_t *ret_size)
{
    struct tg_error error;

    if (link->errors || !resolve(link) || !ld_lay_out(link) || !ld_make_result(link))
        return false;
    if (tg_obj_write(link->result, ret_bytes, ret_size, &error)) {
        ld_error(link, "%s", error.text);
        return false;
    }
    return true;
}
