/* Statements: what the first word of one may be, and what is then done. */
#ifndef AS_STATEMENTS_H
#define AS_STATEMENTS_H

#include "as/as.h"
#include "as/operands.h"

/* A row of pseudo.def. */
struct pseudo {
    const char *mnemonic, *operands, *becomes, *meaning;
    bool (*write)(struct assembly *as, const struct pseudo *pseudo, struct operand *operands);
};

/* A row of directives.def. */
struct directive {
    const char *name, *operands, *meaning;
    bool (*run)(struct assembly *as, int argument);
    int argument;
};

/* All that a word can mean; a macro comes before the rest. */
struct word {
    enum tg_insn_id insn;
    const struct pseudo *pseudo; /* the first row of that mnemonic */
    const struct directive *directive;
    const struct macro *macro;
};

/* Rows; NULL after the last. For the table of words and for manuals. */
const struct pseudo *pseudo_row(size_t index);
const struct directive *directive_row(size_t index);

void add_words(struct assembly *as);
struct word *find_word(struct assembly *as, struct slice name);

/* Reads all lines of the input. */
void read_statements(struct assembly *as);

/* An instruction or pseudo-instruction whose operands come next. False after an error. */
bool assemble_instruction(struct assembly *as, struct slice mnemonic, const struct word *word);

/* --- For pseudo-instructions --------------------------------------------------------------------
 */

bool write_insn(struct assembly *as, enum tg_insn_id id, uint8_t rd, uint8_t ra, int32_t imm);
/* The same with part of a value as the immediate. */
bool write_part(struct assembly *as, enum tg_insn_id id, uint8_t rd, uint8_t ra,
                enum tg_reloc_kind part, struct value value);
/* A jump that may grow: jal link, target. */
bool write_jump(struct assembly *as, enum point_kind kind, uint8_t link, uint8_t scratch,
                struct value target);
/* The value of an operand that is one. */
struct value operand_value(struct assembly *as, const struct operand *operand);
/* Assembles one instruction that a row becomes. */
bool assemble_text_line(struct assembly *as, const char *text, size_t length);

#endif
