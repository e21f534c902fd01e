/*
 * One function a table of docs/isa.md; device_tables.c has those of docs/devices.md. Rule ids are
 * made here: INSN-, CR- and CAUSE- with the name
 * in capitals. Everything else comes from the rows.
 */
#include "isadoc/tables.h"

#include <ctype.h>
#include <string.h>

#include "isa/rv32.h"
#include "isadoc/debugger_tables.h"
#include "isadoc/device_tables.h"
#include "isadoc/table.h"
#include "isadoc/toolchain_tables.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define EACH_INSN(id)                                                                              \
    int id = TG_INSN_ILLEGAL + 1;                                                                  \
    id < TG_INSN_COUNT;                                                                            \
    id++

/* Names in the other case than the rows have them, cut to what any of them needs. */
struct name {
    char text[32];
};

static struct name change_case(const char *name, int (*change)(int))
{
    struct name changed = {0};

    for (size_t i = 0; name[i] && i < sizeof(changed.text) - 1; i++)
        changed.text[i] = (char)change((unsigned char)name[i]);
    return changed;
}

/* A cell with a rule's id, such as INSN-LR.W. */
static void rule_cell(struct table *table, const char *kind, const char *name)
{
    table_cell(table, "%s-%s", kind, change_case(name, toupper).text);
}

static const struct tg_insn_info *info_of(int id)
{
    return tg_insn_info((enum tg_insn_id)id);
}

static bool is_group_op(unsigned op)
{
    return op >> 4 == 1;
}

/* --- Encoding --------------------------------------------------------------------------------- */

static bool write_fields(FILE *out)
{
    struct table table = {0};

    TABLE_HEAD(&table, "field", "bits", "meaning");
    for (int i = 0; i < TG_FIELD_COUNT; i++) {
        const struct tg_field_info *field = tg_field_info((enum tg_field_id)i);

        table_row(&table);
        table_cell(&table, "%s", change_case(field->name, tolower).text);
        table_cell(&table, "%d:%d", field->high, field->low);
        table_cell(&table, "%s", field->meaning);
    }
    return table_finish(&table, out);
}

/* One bit is two characters wide, so a hexadecimal digit is eight. */
enum { BIT_WIDTH = 2, DIAGRAM_WIDTH = 32 * BIT_WIDTH };

/* Puts a box for bits high to low with a name into a diagram line. */
static void draw_box(char *line, int high, int low, const char *name)
{
    char *box = line + (31 - high) * BIT_WIDTH;
    size_t room = (size_t)((high - low + 1) * BIT_WIDTH - 1);
    size_t length = strlen(name);

    box[0] = '|';
    memcpy(box + 1, name, length < room ? length : room);
}

/* The field of a format that a bit belongs to; NULL for a bit that must be zero. */
static const struct tg_field_info *field_at(const struct tg_format_info *format, int bit)
{
    for (int i = 0; i < TG_FIELD_COUNT; i++) {
        const struct tg_field_info *field = tg_field_info((enum tg_field_id)i);

        if (format->fields >> i & 1 && bit >= field->low && bit <= field->high)
            return field;
    }
    return NULL;
}

static void write_diagram(const struct tg_format_info *format, FILE *out)
{
    char line[DIAGRAM_WIDTH + 2];

    memset(line, ' ', DIAGRAM_WIDTH);
    memcpy(line + DIAGRAM_WIDTH, "|", 2);
    for (int high = 31, low; high >= 0; high = low - 1) {
        const struct tg_field_info *field = field_at(format, high);

        low = field ? field->low : high;
        while (!field && low > 0 && !field_at(format, low - 1))
            low--;
        draw_box(line, high, low, change_case(field ? field->name : "0", tolower).text);
    }
    fprintf(out, "%-3s %s  %s\n", format->name, line, format->meaning);
}

static bool write_formats(FILE *out)
{
    fputs("```\nbit", out);
    for (int digit = 7; digit >= 0; digit--)
        fprintf(out, " %-*d", digit > 0 ? 4 * BIT_WIDTH - 1 : 0, digit * 4 + 3);
    fputs("\nhex ", out);
    for (int digit = 7; digit >= 0; digit--)
        fputs("|-------", out);
    fputs("|\n", out);
    for (int i = 0; i < TG_FORMAT_COUNT; i++)
        write_diagram(tg_format_info((enum tg_format)i), out);
    fputs("```\n", out);
    return true;
}

/* What the map shows for an operation: a mnemonic, or for a register group that the next table has
 * it. */
static const char *map_text(unsigned op)
{
    for (EACH_INSN(id))
        if (info_of(id)->op == op)
            return is_group_op(op) ? "(fn)" : info_of(id)->mnemonic;
    return "";
}

static const char *group_member(unsigned op, unsigned fn)
{
    for (EACH_INSN(id))
        if (info_of(id)->op == op && info_of(id)->fn == fn)
            return info_of(id)->mnemonic;
    return "";
}

/* The members of the register groups: a row a function, a column a group. */
static bool write_group_map(FILE *out)
{
    struct table table = {0};
    unsigned last_op = 0, last_fn = 0;

    for (EACH_INSN(id))
        if (is_group_op(info_of(id)->op)) {
            last_op = info_of(id)->op;
            last_fn = info_of(id)->fn > last_fn ? info_of(id)->fn : last_fn;
        }
    table_row(&table);
    table_cell(&table, "fn");
    for (unsigned op = 0x10; op <= last_op; op++)
        table_cell(&table, "op 0x%02x", op);
    for (unsigned fn = 0; fn <= last_fn; fn++) {
        table_row(&table);
        table_cell(&table, "0x%03x", fn);
        for (unsigned op = 0x10; op <= last_op; op++)
            table_cell(&table, "%s", group_member(op, fn));
    }
    return table_finish(&table, out);
}

static bool write_opcodes(FILE *out)
{
    struct table table = {0};

    table_row(&table);
    table_cell(&table, "op");
    for (unsigned low = 0; low < 16; low++)
        table_cell(&table, "_%x", low);
    for (unsigned high = 0; high < 8; high++) {
        table_row(&table);
        table_cell(&table, "0x%x_", high);
        for (unsigned low = 0; low < 16; low++)
            table_cell(&table, "%s", map_text(high << 4 | low));
    }
    if (!table_finish(&table, out))
        return false;
    fputs("\nOperations marked (fn) are groups, whose members `fn` tells apart:\n\n", out);
    return write_group_map(out);
}

/* --- Instructions ----------------------------------------------------------------------------- */

static void ring_cell(struct table *table, unsigned ring)
{
    switch (ring) {
    case TG_RING_IO:
        table_cell(table, "IOPL");
        break;
    case TG_RING_PORT:
        table_cell(table, "port");
        break;
    case TG_RING_CREG:
        table_cell(table, "register's");
        break;
    default:
        table_cell(table, "%u", ring);
        break;
    }
}

static void write_insn(struct table *table, const struct tg_insn_info *info)
{
    table_row(table);
    rule_cell(table, "INSN", info->mnemonic);
    table_cell(table, "`%s%s%s`", info->mnemonic, info->operands[0] ? " " : "", info->operands);
    table_cell(table, "%s", tg_format_info(info->format)->name);
    table_cell(table, "0x%02x", info->op);
    if (is_group_op(info->op))
        table_cell(table, "0x%03x", info->fn);
    else
        table_cell(table, " ");
    ring_cell(table, info->ring);
    table_cell(table, "%s", info->meaning);
}

static bool write_instructions(FILE *out)
{
    struct table table = {0};
    const char *group = NULL;

    fputs(
        "Ring is the least privileged ring that may execute the instruction; *IOPL*: that ring is\n"
        "`status`.IOPL; *port*: beyond IOPL the port bitmap decides; *register's*: section 5 says "
        "it for\n"
        "each control register.\n",
        out);
    for (EACH_INSN(id)) {
        const char *title = tg_insn_group((enum tg_insn_id)id);

        if (title != group) {
            if (!table_finish(&table, out))
                return false;
            fprintf(out, "\n#### %s\n\n", title);
            TABLE_HEAD(&table, "rule", "instruction", "format", "op", "fn", "ring", "meaning");
            group = title;
        }
        write_insn(&table, info_of(id));
    }
    return table_finish(&table, out);
}

/* --- Registers and causes --------------------------------------------------------------------- */

static bool write_registers(FILE *out)
{
    struct table table = {0};

    TABLE_HEAD(&table, "number", "name", "use by convention");
    for (uint32_t i = 0; i < 32; i++) {
        table_row(&table);
        table_cell(&table, "x%u", i);
        table_cell(&table, "`%s`", tg_register_name(i));
        table_cell(&table, "%s", tg_register_role(i));
    }
    return table_finish(&table, out);
}

static void creg_ring_cell(struct table *table, int ring)
{
    if (ring == TG_CREG_NEVER)
        table_cell(table, "none");
    else
        table_cell(table, "%d", ring);
}

static bool write_control_registers(FILE *out)
{
    struct table table = {0};

    TABLE_HEAD(&table, "rule", "name", "number", "read by", "written by", "writable bits",
               "meaning");
    for (uint32_t number = 0; number < 256; number++) {
        const struct tg_creg_info *info = tg_creg_info(number);

        if (!info)
            continue;
        table_row(&table);
        rule_cell(&table, "CR", info->name);
        table_cell(&table, "`%s`", info->name);
        table_cell(&table, "0x%02x", number);
        creg_ring_cell(&table, info->read_ring);
        creg_ring_cell(&table, info->write_ring);
        table_cell(&table, "0x%08x", info->writable);
        table_cell(&table, "%s", info->meaning);
    }
    if (!table_finish(&table, out))
        return false;
    fputs("\nRead by and written by: the least privileged ring that may.\n", out);
    return true;
}

static bool write_causes(FILE *out)
{
    struct table table = {0};

    TABLE_HEAD(&table, "rule", "vector", "exception", "saved pc", "error word", "address",
               "raised when");
    for (uint32_t vector = 0; vector < 256; vector++) {
        const struct tg_cause_info *info = tg_cause_info(vector);

        if (!info)
            continue;
        table_row(&table);
        rule_cell(&table, "CAUSE", info->name);
        table_cell(&table, "%u", vector);
        table_cell(&table, "*%s*", info->name);
        table_cell(&table, "%s", info->saved_pc);
        table_cell(&table, "%s", info->error);
        table_cell(&table, "%s", info->address);
        table_cell(&table, "%s", info->meaning);
    }
    return table_finish(&table, out);
}

/* The four tables of numbers with a text: rows from causes.def. */
struct code_row {
    int number;
    const char *id, *text;
};

static bool write_codes(FILE *out, const char *title, const struct code_row *rows, size_t count)
{
    struct table table = {0};

    TABLE_HEAD(&table, "number", "name", title);
    for (size_t i = 0; i < count; i++) {
        table_row(&table);
        table_cell(&table, "%d", rows[i].number);
        table_cell(&table, "%s", rows[i].id);
        table_cell(&table, "%s", rows[i].text);
    }
    return table_finish(&table, out);
}

static bool write_accesses(FILE *out)
{
    static const struct code_row rows[] = {
#define TG_ACCESS(id, number, text) {number, #id, text},
#include "isa/causes.def"
    };

    return write_codes(out, "access", rows, COUNT(rows));
}

static bool write_page_reasons(FILE *out)
{
    static const struct code_row rows[] = {
#define TG_PAGE_REASON(id, number, text) {number, #id, text},
#include "isa/causes.def"
    };

    return write_codes(out, "reason", rows, COUNT(rows));
}

static bool write_privilege_reasons(FILE *out)
{
    static const struct code_row rows[] = {
#define TG_PRIVILEGE_REASON(id, number, text) {number, #id, text},
#include "isa/causes.def"
    };

    return write_codes(out, "reason", rows, COUNT(rows));
}

static bool write_gate_reasons(FILE *out)
{
    static const struct code_row rows[] = {
#define TG_GATE_REASON(id, number, text) {number, #id, text},
#include "isa/causes.def"
    };

    return write_codes(out, "reason", rows, COUNT(rows));
}

/* --- From RV32 -------------------------------------------------------------------------------- */

/* Where RISC-V's operands go, by the format of the TG32 instruction. */
static const char *const rv32_operands[TG_FORMAT_COUNT] = {
    [TG_FORMAT_R] = "rd = rd, ra = rs1, rb = rs2",
    [TG_FORMAT_L] = "rd = rd, ra = rs1",
    [TG_FORMAT_I] = "rd = rd, ra = rs1, imm15 = imm",
    [TG_FORMAT_H] = "rd = rd, ra = rs1, shamt = shamt",
    [TG_FORMAT_S] = "rd = rs2, ra = rs1, imm15 = imm",
    [TG_FORMAT_B] = "rd = rs1, ra = rs2, imm15 = imm / 4",
    [TG_FORMAT_U] = "rd = rd, imm20 = imm[31:12]",
    [TG_FORMAT_J] = "rd = rd, imm20 = imm / 4",
    [TG_FORMAT_N] = "none",
};

static bool write_rv32(FILE *out)
{
    struct table table = {0};
    const struct tg_rv32_info *row;

    TABLE_HEAD(&table, "RV32", "bits under mask", "mask", "TG32", "operands");
    for (size_t i = 0; (row = tg_rv32_info(i)); i++) {
        const struct tg_insn_info *info = tg_insn_info(row->id);

        table_row(&table);
        table_cell(&table, "`%s`", row->mnemonic);
        table_cell(&table, "0x%08x", row->match);
        table_cell(&table, "0x%08x", row->mask);
        table_cell(&table, "`%s`", info->mnemonic);
        table_cell(&table, "%s", rv32_operands[info->format]);
    }
    return table_finish(&table, out);
}

/* One operand of the custom word: the template's letter where the TG32 instruction has that field.
 */
static const char *custom_operand(const struct tg_format_info *format, enum tg_field_id field,
                                  const char *letter, const char *absent)
{
    return format->fields >> field & 1 ? letter : absent;
}

/* The letter by which a template names the immediate. */
static const char *custom_immediate(const struct tg_format_info *format)
{
    switch (format->imm_field) {
    case TG_FIELD_CREG:
        return "c";
    case TG_FIELD_VEC:
        return "v";
    case TG_FIELD_IMM15:
        return "i";
    default:
        return "0";
    }
}

static bool write_rv32_custom(FILE *out)
{
    struct table table = {0};
    uint32_t opcode, funct3;

    TABLE_HEAD(&table, "TG32", "RISC-V assembler");
    for (EACH_INSN(id)) {
        const struct tg_insn_info *info = info_of(id);
        const struct tg_format_info *format = tg_format_info(info->format);
        const char *rd, *ra;

        if (!tg_rv32_custom((enum tg_insn_id)id, &opcode, &funct3))
            continue;
        rd = custom_operand(format, TG_FIELD_RD, strchr(info->operands, 's') ? "s" : "d", "x0");
        ra = custom_operand(format, TG_FIELD_RA, "a", "x0");
        table_row(&table);
        table_cell(&table, "`%s%s%s`", info->mnemonic, info->operands[0] ? " " : "",
                   info->operands);
        if (format->fields >> TG_FIELD_RB & 1)
            table_cell(&table, "`.insn r 0x%02x, %u, 0, %s, %s, b`", opcode, funct3, rd, ra);
        else
            table_cell(&table, "`.insn i 0x%02x, %u, %s, %s, %s`", opcode, funct3, rd, ra,
                       custom_immediate(format));
    }
    return table_finish(&table, out);
}

static bool write_rv32_refused(FILE *out)
{
    static const struct {
        enum tg_rv32_result reason;
        uint32_t match, mask;
    } rows[] = {
#define TG_RV32_REFUSED(reason, match, mask) {TG_RV32_##reason, match, mask},
#include "isa/rv32.def"
    };
    struct table table = {0};

    TABLE_HEAD(&table, "bits under mask", "mask", "why it has no translation");
    for (size_t i = 0; i < COUNT(rows); i++) {
        table_row(&table);
        table_cell(&table, "0x%08x", rows[i].match);
        table_cell(&table, "0x%08x", rows[i].mask);
        table_cell(&table, "%s", tg_rv32_reason(rows[i].reason));
    }
    return table_finish(&table, out);
}

/* --- By name ---------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    bool (*write)(FILE *out);
} tables[] = {
    {"fields", write_fields},
    {"formats", write_formats},
    {"opcodes", write_opcodes},
    {"registers", write_registers},
    {"instructions", write_instructions},
    {"control-registers", write_control_registers},
    {"causes", write_causes},
    {"accesses", write_accesses},
    {"page-reasons", write_page_reasons},
    {"privilege-reasons", write_privilege_reasons},
    {"gate-reasons", write_gate_reasons},
    {"rv32", write_rv32},
    {"rv32-custom", write_rv32_custom},
    {"rv32-refused", write_rv32_refused},
    {"relocations", write_relocations},
    {"relocation-values", write_relocation_values},
    {"relocation-places", write_relocation_places},
    {"rv32-relocations", write_rv32_relocations},
    {"pseudo-instructions", write_pseudo_instructions},
    {"directives", write_directives},
    {"constants", write_constants},
};

size_t tables_names(const char **names, size_t room)
{
    for (size_t i = 0; i < COUNT(tables) && i < room; i++)
        names[i] = tables[i].name;
    size_t count = COUNT(tables);
    count += debugger_tables_names(names + (count < room ? count : room), count < room ? room - count : 0);
    return count + device_tables_names(names + (count < room ? count : room), count < room ? room - count : 0);
}

bool tables_write(const char *name, FILE *out)
{
    for (size_t i = 0; i < COUNT(tables); i++)
        if (strcmp(tables[i].name, name) == 0)
            return tables[i].write(out);
    return debugger_tables_write(name, out) || device_tables_write(name, out);
}
