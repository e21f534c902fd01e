/*
 * Instructions: chooses among the forms of a mnemonic by the shape of its operands, and encodes.
 * Which forms there are is in the templates of emu/isa/insns.def and in pseudo.def. See
 * statements.h.
 */
#include <inttypes.h>
#include <string.h>

#include "as/expressions.h"
#include "as/input.h"
#include "as/report.h"
#include "as/sections.h"
#include "as/statements.h"
#include "as/symbols.h"

enum { MAX_FORMS = 8 };

/* --- Templates ----------------------------------------------------------------------------------
 */

/* One operand of a template, such as "d" or "i(a)"; letters are those of insns.def. */
struct slot {
    char letter; /* d s a b, i h v u t c, L */
    bool is_memory;
    bool has_offset; /* of memory: "i(a)", not "(a)" */
};

static size_t read_template(const char *template, struct slot *slots)
{
    size_t count = 0;

    while (*template) {
        struct slot slot = {.letter = *template};

        if (template[0] == '(' || template[1] == '(') {
            slot.is_memory = true;
            slot.has_offset = template[0] != '(';
            template = strchr(template, ')');
        }
        slots[count++] = slot;
        template ++;
        template += strspn(template, ", ");
    }
    return count;
}

static bool is_register_letter(char letter)
{
    return strchr("dsab", letter) != NULL;
}

static bool fits(const struct slot *slot, const struct operand *operand)
{
    if (slot->is_memory)
        return operand->kind == OPERAND_MEMORY && (slot->has_offset || !operand->has_value);
    if (slot->letter == 'L')
        return operand->kind == OPERAND_LIST;
    if (is_register_letter(slot->letter))
        return operand->kind == OPERAND_REGISTER;
    return operand->kind == OPERAND_VALUE;
}

static const char *slot_name(const struct slot *slot)
{
    if (slot->is_memory)
        return slot->has_offset ? "value(register)" : "(register)";
    switch (slot->letter) {
    case 'L':
        return "{registers}";
    case 'c':
        return "control register";
    case 't':
        return "target";
    case 'h':
        return "shift amount";
    case 'v':
        return "vector";
    case 'i':
    case 'u':
        return "value";
    default:
        return "register";
    }
}

/* "add register, register, register" */
static const char *describe_form(struct assembly *as, struct slice mnemonic, const char *template)
{
    struct slot slots[MAX_OPERANDS];
    size_t count = read_template(template, slots);
    const char *text = arena_format(&as->arena, "%.*s", SLICE(mnemonic));

    for (size_t i = 0; i < count; i++)
        text = arena_format(&as->arena, "%s%s %s", text, i ? "," : "", slot_name(&slots[i]));
    return text;
}

/* --- Which form ---------------------------------------------------------------------------------
 */

/* The number of operands that fit before the first that does not; -1 if all do and none is missing.
 */
static int match(const char *template, const struct operand *operands, size_t count)
{
    struct slot slots[MAX_OPERANDS];
    size_t wanted = read_template(template, slots);

    for (size_t i = 0; i < count && i < wanted; i++)
        if (!fits(&slots[i], &operands[i]))
            return (int)i;
    return count == wanted ? -1 : (int)(count < wanted ? count : wanted);
}

static const struct pseudo *next_form(const struct pseudo *pseudo)
{
    const struct pseudo *next = pseudo + 1;

    return next->mnemonic && strcmp(next->mnemonic, pseudo->mnemonic) == 0 ? next : NULL;
}

/* The templates of a mnemonic, the instruction's own first; how many. */
static size_t list_forms(const struct word *word, const char *forms[MAX_FORMS])
{
    size_t count = 0;

    if (word->insn != TG_INSN_ILLEGAL)
        forms[count++] = tg_insn_info(word->insn)->operands;
    for (const struct pseudo *row = word->pseudo; row && count < MAX_FORMS; row = next_form(row))
        forms[count++] = row->operands;
    return count;
}

/* No form fits: tells what is wrong with the one that comes closest. */
static bool refuse(struct assembly *as, struct slice mnemonic, const struct word *word,
                   const struct operand *operands, size_t count)
{
    const char *forms[MAX_FORMS], *best = "", *text = "";
    size_t form_count = list_forms(word, forms), wanted, at = 0;
    struct slot slots[MAX_OPERANDS];

    for (size_t i = 0; i < form_count; i++) {
        size_t fitting = (size_t)match(forms[i], operands, count);

        if (i == 0 || fitting > at) {
            at = fitting;
            best = forms[i];
        }
        text = arena_format(&as->arena, "%s%s\"%s\"", text, i ? " or " : "",
                            describe_form(as, mnemonic, forms[i]));
    }
    wanted = read_template(best, slots);
    if (at < count && at < wanted && is_register_letter(slots[at].letter) && !slots[at].is_memory &&
        operands[at].name.length)
        return error_here(as, operands[at].text.at, "expected a register, found \"%.*s\"%s",
                          SLICE(operands[at].name), suggest_register(as, operands[at].name));
    if (at < count && at < wanted)
        return error_here(as, operands[at].text.at, "expected %s, found %s; the form is %s",
                          slot_name(&slots[at]), describe_operand(as, &operands[at]), text);
    if (at < count)
        return error_here(as, operands[at].text.at, "too many operands; the form is %s", text);
    return error_here(as, as->end, "an operand is missing; the form is %s", text);
}

/* --- Encoding -----------------------------------------------------------------------------------
 */

struct value operand_value(struct assembly *as, const struct operand *operand)
{
    /* A name that control registers have too has not been looked up yet. */
    if (operand->name.length && tg_creg_by_name(operand->name.at, operand->name.length) >= 0)
        return use_symbol(as, find_symbol(as, operand->name), operand->name.at);
    return operand->value;
}

static bool write(struct assembly *as, const struct tg_insn *insn)
{
    uint32_t word = 0;

    if (!tg_encode(insn, &word))
        return error_here(as, as->statement, "\"%s\" cannot be encoded with these operands",
                          tg_insn_info(insn->id)->mnemonic);
    return add_word(as, word);
}

bool write_insn(struct assembly *as, enum tg_insn_id id, uint8_t rd, uint8_t ra, int32_t imm)
{
    return write(as, &(struct tg_insn){id, rd, ra, 0, imm});
}

bool write_part(struct assembly *as, enum tg_insn_id id, uint8_t rd, uint8_t ra,
                enum tg_reloc_kind part, struct value value)
{
    add_fixup(as, part, value, as->statement);
    return write_insn(as, id, rd, ra, 0);
}

bool write_jump(struct assembly *as, enum point_kind kind, uint8_t link, uint8_t scratch,
                struct value target)
{
    struct point *point;

    if (!write_insn(as, TG_INSN_JAL, link, 0, 0))
        return false;
    point = add_point(as, kind);
    point->value = target;
    point->link = link;
    point->scratch = scratch;
    return true;
}

/* A number for an instruction's immediate, which may be written as if it had no sign: 0xffffffff
 * for -1. */
static bool put_number(struct assembly *as, const struct operand *operand, struct tg_insn *insn,
                       int64_t number)
{
    const struct tg_format_info *format = tg_format_info(tg_insn_info(insn->id)->format);
    int64_t scale = INT64_C(1) << format->imm_shift;
    int64_t lowest = format->imm_min / scale, highest = format->imm_max / scale;

    if (format->imm_shift == 12) {
        /* An upper immediate is given as its 20 bits, with or without a sign. */
        highest = 2 * highest + 1;
        if (number > format->imm_max / scale && number <= highest)
            number -= highest + 1;
        else if (number > highest || number < lowest)
            return error_here(as, operand->text.at,
                              "%" PRId64 " does not fit: 0 to 0x%" PRIx64 " is "
                              "possible",
                              number, (uint64_t)highest);
        insn->imm = (int32_t)(number * scale);
        return true;
    }
    if (lowest < 0 && number > INT32_MAX && number <= UINT32_MAX)
        number -= INT64_C(1) << 32;
    if (number < lowest || number > highest)
        return error_here(as, operand->text.at,
                          "%" PRId64 " does not fit: \"%s\" takes %" PRId64 " to %" PRId64, number,
                          tg_insn_info(insn->id)->mnemonic, lowest, highest);
    insn->imm = (int32_t)number;
    return true;
}

/* Which parts of values an instruction can have: upper ones in upper immediates, lower ones in the
 * others. */
static bool is_part_possible(enum tg_reloc_kind part, char letter)
{
    enum tg_reloc_place place = tg_reloc_info(part)->place;

    return (place == TG_RELOC_PLACE_UPPER && letter == 'u') ||
           (place == TG_RELOC_PLACE_LOWER && letter == 'i');
}

static bool put_value(struct assembly *as, const struct operand *operand, char letter,
                      struct tg_insn *insn)
{
    struct value value = operand_value(as, operand);
    int64_t number;

    if (operand->part != TG_R_NONE) {
        if (!is_part_possible(operand->part, letter))
            return error_here(as, operand->text.at,
                              letter == 'u' ? "\"%s\" takes an upper part: %%hi, %%pcrel_hi"
                                            : "\"%s\" takes no such part of a value",
                              tg_insn_info(insn->id)->mnemonic);
        add_fixup(as, operand->part, value, operand->text.at);
        return true;
    }
    if (is_known(&value, &number))
        return put_number(as, operand, insn, number);
    if (letter == 'i') {
        add_fixup(as, TG_R_IMM15, value, operand->text.at);
        return true;
    }
    if (letter == 'u')
        return error_here(as, operand->text.at,
                          "expected a number; the upper part of an address is %%hi(%.*s)",
                          SLICE(operand->text));
    return error_here(as, operand->text.at, "the %s must be a number that is known here",
                      slot_name(&(struct slot){.letter = letter}));
}

static bool put_control_register(struct assembly *as, const struct operand *operand,
                                 struct tg_insn *insn)
{
    int number = tg_creg_by_name(operand->name.at, operand->name.length);
    const char *names[256];
    size_t count = 0;
    int64_t known;

    if (operand->name.length && number >= 0) {
        insn->imm = number;
        return true;
    }
    if (is_known(&operand->value, &known) && known >= 0 && known < 256 &&
        tg_creg_info((uint32_t)known)) {
        insn->imm = (int32_t)known;
        return true;
    }
    for (uint32_t i = 0; i < 256; i++)
        if (tg_creg_info(i))
            names[count++] = tg_creg_info(i)->name;
    return error_here(as, operand->text.at, "no control register is called \"%.*s\"%s",
                      SLICE(operand->text), suggestion(as, operand->text, names, count));
}

static void put_register(char letter, uint8_t number, struct tg_insn *insn)
{
    if (letter == 'a')
        insn->ra = number;
    else if (letter == 'b')
        insn->rb = number;
    else
        insn->rd = number;
}

/* Branches and jal: they may grow. */
static bool write_branch(struct assembly *as, const struct tg_insn *insn,
                         const struct operand *target)
{
    struct value value = operand_value(as, target);
    struct point *point;

    if (target->part != TG_R_NONE)
        return error_here(as, target->text.at, "expected a target, found a part of a value");
    if (insn->id == TG_INSN_JAL)
        return write_jump(as, POINT_JUMP, insn->rd, insn->rd, value);
    if (!write(as, insn))
        return false;
    point = add_point(as, POINT_BRANCH);
    point->value = value;
    return true;
}

static bool encode(struct assembly *as, enum tg_insn_id id, const struct operand *operands)
{
    struct slot slots[MAX_OPERANDS];
    size_t count = read_template(tg_insn_info(id)->operands, slots);
    struct tg_insn insn = {.id = id};
    const struct operand *target = NULL;

    for (size_t i = 0; i < count; i++) {
        const struct operand *operand = &operands[i];
        char letter = slots[i].letter;
        bool is_put = true;

        if (slots[i].is_memory) {
            insn.ra = operand->reg;
            is_put = !operand->has_value || put_value(as, operand, 'i', &insn);
        } else if (is_register_letter(letter)) {
            put_register(letter, operand->reg, &insn);
        } else if (letter == 'c') {
            is_put = put_control_register(as, operand, &insn);
        } else if (letter == 't') {
            target = operand;
        } else {
            is_put = put_value(as, operand, letter, &insn);
        }
        if (!is_put)
            return false;
    }
    return target ? write_branch(as, &insn, target) : write(as, &insn);
}

/* --- Statements ---------------------------------------------------------------------------------
 */

/* Writes what a row of pseudo.def becomes, with its operands' texts for the letters in braces. */
static bool write_rows(struct assembly *as, const struct pseudo *pseudo,
                       const struct operand *operands)
{
    struct slot slots[MAX_OPERANDS];
    size_t count = read_template(pseudo->operands, slots);
    const char *at = pseudo->becomes;

    while (*at) {
        char text[512];
        size_t used = 0;

        for (; *at && *at != '\n' && used < sizeof text - 1; at++) {
            struct slice piece = {at, 1};

            if (*at == '{') {
                for (size_t i = 0; i < count; i++)
                    if (slots[i].letter == at[1])
                        piece = operands[i].text;
                at += 2;
            }
            if (piece.length > sizeof text - used)
                return error_here(as, as->statement, "this operand is too long");
            memcpy(text + used, piece.at, piece.length);
            used += piece.length;
        }
        if (*at == '\n')
            at++;
        if (!assemble_text_line(as, text, used))
            return false;
    }
    return true;
}

bool assemble_text_line(struct assembly *as, const char *text, size_t length)
{
    const char *at = as->at, *end = as->end;
    struct slice mnemonic;
    bool is_written;

    as->at = arena_text(&as->arena, text, length);
    as->end = as->at + length;
    mnemonic = take_name(as);
    is_written = assemble_instruction(as, mnemonic, find_word(as, mnemonic));
    as->at = at;
    as->end = end;
    return is_written;
}

bool assemble_instruction(struct assembly *as, struct slice mnemonic, const struct word *word)
{
    struct operand operands[MAX_OPERANDS];
    size_t count;

    if (!take_operands(as, operands, &count))
        return false;
    if (word->insn != TG_INSN_ILLEGAL &&
        match(tg_insn_info(word->insn)->operands, operands, count) < 0)
        return encode(as, word->insn, operands);
    for (const struct pseudo *row = word->pseudo; row; row = next_form(row))
        if (match(row->operands, operands, count) < 0)
            return row->write ? row->write(as, row, operands) : write_rows(as, row, operands);
    return refuse(as, mnemonic, word, operands, count);
}
