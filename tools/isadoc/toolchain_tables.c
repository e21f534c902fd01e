/* See toolchain_tables.h. The tables of docs/object-format.md and docs/toolchain.md. */
#include "isadoc/toolchain_tables.h"

#include "as/statements.h"
#include "isa/isa.h"
#include "isadoc/table.h"
#include "object/relocation.h"

static const char *const value_names[] = {
#define TG_RELOC_VALUE(id, ...) #id,
#include "object/relocations.def"
};

static const char *const place_names[] = {
#define TG_RELOC_PLACE(id, ...) #id,
#include "object/relocations.def"
};

bool write_relocations(FILE *out)
{
    struct table table = {0};

    TABLE_HEAD(&table, "number", "kind", "value", "place", "allowed", "for");
    for (uint32_t kind = 0; kind < TG_R_COUNT; kind++) {
        const struct tg_reloc_info *info = tg_reloc_info(kind);

        table_row(&table);
        table_cell(&table, "%u", kind);
        table_cell(&table, "%s", info->name);
        table_cell(&table, "%s", tg_reloc_formula(info->value));
        table_cell(&table, "%s", place_names[info->place]);
        if (info->lowest == 0 && info->highest == 0)
            table_cell(&table, "%s", info->bytes ? "any" : "");
        else
            table_cell(&table, "%d to %d%s", info->lowest, info->highest,
                       info->multiple > 1 ? ", multiple of 4" : "");
        table_cell(&table, "%s", info->meaning);
    }
    return table_finish(&table, out);
}

bool write_relocation_values(FILE *out)
{
    struct table table = {0};

    TABLE_HEAD(&table, "value", "name", "meaning");
    for (int value = 0; value < TG_RELOC_VALUE_COUNT; value++) {
        table_row(&table);
        table_cell(&table, "%s", tg_reloc_formula((enum tg_reloc_value)value));
        table_cell(&table, "%s", value_names[value]);
        table_cell(&table, "%s", tg_reloc_value_meaning((enum tg_reloc_value)value));
    }
    return table_finish(&table, out);
}

bool write_relocation_places(FILE *out)
{
    struct table table = {0};

    TABLE_HEAD(&table, "place", "what is changed");
    for (int place = 0; place < TG_RELOC_PLACE_COUNT; place++) {
        table_row(&table);
        table_cell(&table, "%s", place_names[place]);
        table_cell(&table, "%s", tg_reloc_place_meaning((enum tg_reloc_place)place));
    }
    return table_finish(&table, out);
}

bool write_rv32_relocations(FILE *out)
{
    struct table table = {0};
    enum tg_reloc_kind kind;
    uint32_t number;
    const char *name;

    TABLE_HEAD(&table, "RISC-V kind", "number", "becomes");
    for (size_t i = 0; (name = tg_reloc_rv32_row(i, &number, &kind)) != NULL; i++) {
        table_row(&table);
        table_cell(&table, "%s", name);
        table_cell(&table, "%u", number);
        table_cell(&table, "%s", tg_reloc_info(kind)->name);
    }
    return table_finish(&table, out);
}

/* --- The assembler ---------------------------------------------------------------------------- */

/* What a pseudo-instruction becomes, on one line and without the braces around operands. */
static void becomes_cell(struct table *table, const char *becomes)
{
    char text[256];
    size_t used = 0;

    for (; *becomes && used < sizeof text - 3; becomes++) {
        if (*becomes == '\n')
            text[used++] = ';';
        if (*becomes != '{' && *becomes != '}')
            text[used++] = *becomes == '\n' ? ' ' : *becomes;
    }
    text[used] = '\0';
    table_cell(table, "%s", text);
}

bool write_pseudo_instructions(FILE *out)
{
    struct table table = {0};
    const struct pseudo *row;

    TABLE_HEAD(&table, "pseudo-instruction", "becomes", "meaning");
    for (size_t i = 0; (row = pseudo_row(i)) != NULL; i++) {
        table_row(&table);
        table_cell(&table, "%s%s%s", row->mnemonic, *row->operands ? " " : "", row->operands);
        becomes_cell(&table, row->becomes);
        table_cell(&table, "%s", row->meaning);
    }
    return table_finish(&table, out);
}

bool write_directives(FILE *out)
{
    struct table table = {0};
    const struct directive *row;

    TABLE_HEAD(&table, "directive", "operands", "meaning");
    for (size_t i = 0; (row = directive_row(i)) != NULL; i++) {
        table_row(&table);
        table_cell(&table, "%s", row->name);
        table_cell(&table, "%s", row->operands);
        table_cell(&table, "%s", row->meaning);
    }
    return table_finish(&table, out);
}

bool write_constants(FILE *out)
{
    static const struct {
        const char *name;
        uint32_t value;
        const char *meaning;
    } rows[] = {
#define AS_CONSTANT(name, value, meaning) {name, value, meaning},
#include "as/constants.def"
    };
    struct table table = {0};

    TABLE_HEAD(&table, "name", "value", "meaning");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        table_row(&table);
        table_cell(&table, "%s", rows[i].name);
        table_cell(&table, rows[i].value < 10 ? "%u" : "0x%x", rows[i].value);
        table_cell(&table, "%s", rows[i].meaning);
    }
    return table_finish(&table, out);
}
