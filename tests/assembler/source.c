/* See source.h. */
#include "source.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct tg_obj *assemble_with(const char *text, FILE *messages)
{
    struct as_options options = {.messages = messages};

    return assemble_text("test.s", text, strlen(text), &options, NULL);
}

struct tg_obj *assembled(const char *text)
{
    char *messages = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&messages, &size);
    struct tg_obj *obj = assemble_with(text, stream);

    fclose(stream);
    ck_assert_msg(obj, "%s", messages);
    free(messages);
    return obj;
}

char *messages_of(const char *text, bool is_refused)
{
    char *messages = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&messages, &size);
    struct tg_obj *obj = assemble_with(text, stream);

    fclose(stream);
    ck_assert_msg(!is_refused == (obj != NULL), "%s", messages);
    tg_obj_destroy(obj);
    return messages;
}

const struct tg_obj_section *section_named(const struct tg_obj *obj, const char *name)
{
    for (size_t i = 1; i < obj->section_count; i++)
        if (strcmp(obj->sections[i].name, name) == 0)
            return &obj->sections[i];
    ck_abort_msg("no section %s", name);
    return NULL;
}

const struct tg_obj_symbol *symbol_named(const struct tg_obj *obj, const char *name)
{
    for (size_t i = 1; i < obj->symbol_count; i++)
        if (strcmp(obj->symbols[i].name, name) == 0)
            return &obj->symbols[i];
    return NULL;
}

struct tg_insn insn_at(const struct tg_obj *obj, uint32_t offset)
{
    const struct tg_obj_section *text = section_named(obj, ".text");

    ck_assert_uint_le(offset + 4, text->size_bytes);
    return tg_decode(tg_get_word(text->bytes + offset));
}
