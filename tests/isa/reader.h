/* Reads the disassembler's text back into a word, by the operand templates alone. */
#ifndef TEST_ISA_READER_H
#define TEST_ISA_READER_H

#include <stdbool.h>
#include <stdint.h>

/* Reads text as the instruction at pc into *ret_word; false when it is not exactly one instruction.
 */
bool read_instruction(const char *text, uint32_t pc, uint32_t *ret_word);

#endif
