/*
 * TG32's instruction set as data: what the words mean, how they are written, what they are called.
 * Everything here comes from the .def tables of this folder; nothing here knows of a machine.
 * Manual: docs/isa.md. Uses the C library only; anyone may use it.
 */
#ifndef TG_ISA_H
#define TG_ISA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* --- Names for the rows of the tables --------------------------------------------------------------------------- */

enum tg_insn_id {
    TG_INSN_ILLEGAL, /* no instruction has this encoding */
#define TG_INSN(id, ...) TG_INSN_##id,
#include "insns.def"
    TG_INSN_COUNT
};

enum tg_format {
#define TG_FORMAT(name, ...) TG_FORMAT_##name,
#include "formats.def"
    TG_FORMAT_COUNT
};

/* One bit a field, for the sets of fields in struct tg_format_info. */
enum tg_field_id {
#define TG_FIELD(name, ...) TG_FIELD_##name,
#include "formats.def"
    TG_FIELD_COUNT
};

enum tg_effect {
    TG_EFFECT_ALU,
    TG_EFFECT_LOAD,
    TG_EFFECT_STORE,
    TG_EFFECT_ATOMIC,
    TG_EFFECT_BRANCH,
    TG_EFFECT_JUMP,
    TG_EFFECT_PORT_IN,
    TG_EFFECT_PORT_OUT,
    TG_EFFECT_SYSTEM
};

/* Who may execute an instruction, beside a plain ring number 0 to 3. */
enum { TG_RING_IO = 4, TG_RING_PORT = 5, TG_RING_CREG = 6 };

enum tg_creg {
#define TG_CREG(id, name, number, ...) TG_CR_##id = (number),
#include "control_registers.def"
};
enum { TG_CREG_NEVER = -1 };

enum tg_cause {
#define TG_CAUSE(id, name, vector, ...) TG_CAUSE_##id = (vector),
#include "causes.def"
};

enum tg_access {
#define TG_ACCESS(id, number, ...) TG_ACCESS_##id = (number),
#include "causes.def"
};

enum tg_page_reason {
#define TG_PAGE_REASON(id, number, ...) TG_PAGE_##id = (number),
#include "causes.def"
};

enum tg_privilege_reason {
#define TG_PRIVILEGE_REASON(id, number, ...) TG_PRIVILEGE_##id = (number),
#include "causes.def"
};

enum tg_gate_reason {
#define TG_GATE_REASON(id, number, ...) TG_GATE_##id = (number),
#include "causes.def"
};

/* --- Layouts that the tables do not hold (docs/isa.md sections 4 to 7) ------------------------------------------- */

/* status */
#define TG_STATUS_RING       UINT32_C(0x003)
#define TG_STATUS_IE         UINT32_C(0x010)
#define TG_STATUS_IOPL       UINT32_C(0x300)
#define TG_STATUS_IOPL_SHIFT 8
#define TG_STATUS_VALID      (TG_STATUS_RING | TG_STATUS_IE | TG_STATUS_IOPL)

/* ptroot */
#define TG_PTROOT_PAGE   UINT32_C(0xfffff000)
#define TG_PTROOT_ENABLE UINT32_C(0x800)
#define TG_PTROOT_ASID   UINT32_C(0x0ff)

/* page directory and page table entries */
#define TG_PAGE_SHIFT     12
#define TG_PAGE_BYTES     UINT32_C(4096)
#define TG_PTE_PAGE       UINT32_C(0xfffff000)
#define TG_PTE_PRESENT    UINT32_C(0x001)
#define TG_PTE_READ       UINT32_C(0x002)
#define TG_PTE_WRITE      UINT32_C(0x004)
#define TG_PTE_EXECUTE    UINT32_C(0x008)
#define TG_PTE_RING       UINT32_C(0x030)
#define TG_PTE_RING_SHIFT 4
#define TG_PTE_ACCESSED   UINT32_C(0x040)
#define TG_PTE_DIRTY      UINT32_C(0x080)
#define TG_PTE_GLOBAL     UINT32_C(0x100)
#define TG_PTE_SOFTWARE   UINT32_C(0xe00)
/* Bits that must be zero in a directory entry: all but page, present and the software's. */
#define TG_PDE_RESERVED UINT32_C(0x1fe)

/* translation caches: sets and ways (section 7) */
#define TG_TLB_WAYS  4
#define TG_ITLB_SETS 16
#define TG_DTLB_SETS 64

/* gates: two words each */
#define TG_GATE_COUNT       256
#define TG_GATE_BYTES       8
#define TG_GATE_RING        UINT32_C(0x0003)
#define TG_GATE_RAISE       UINT32_C(0x0030)
#define TG_GATE_RAISE_SHIFT 4
#define TG_GATE_CLOSE       UINT32_C(0x0100) /* entry clears status.IE */
#define TG_GATE_PRESENT     UINT32_C(0x8000)
#define TG_GATE_VALID       (TG_GATE_RING | TG_GATE_RAISE | TG_GATE_CLOSE | TG_GATE_PRESENT)

/* the frame: byte offsets from sp after an entry */
enum {
    TG_FRAME_VECTOR = 0, /* bits 7:0 vector, bits 9:8 enum tg_entry_kind */
    TG_FRAME_ERROR = 4,
    TG_FRAME_ADDRESS = 8,
    TG_FRAME_PC = 12,
    TG_FRAME_STATUS = 16,
    TG_FRAME_SP = 20,
    TG_FRAME_BYTES = 24,
    TG_FRAME_ALIGN = 32
};

enum tg_entry_kind { TG_ENTRY_EXCEPTION = 0, TG_ENTRY_INTERRUPT = 1, TG_ENTRY_TRAP = 2 };

/* Interrupt source n of the interrupt controller enters through gate TG_VECTOR_INTERRUPT + n. */
enum { TG_VECTOR_INTERRUPT = 32, TG_INTERRUPT_SOURCES = 32 };

/* port bitmap: one bit a port, 1 = allowed */
#define TG_PORT_COUNT   65536
#define TG_IOMAP_PAGE   UINT32_C(0xfffff000)
#define TG_IOMAP_ENABLE UINT32_C(0x001)
#define TG_IOMAP_BYTES  (TG_PORT_COUNT / 8)

/* --- The rows ------------------------------------------------------------------------------------------------------ */

struct tg_field_info {
    const char *name;
    uint8_t high, low; /* bit numbers, inclusive */
    const char *meaning;
};

struct tg_format_info {
    const char *name;
    uint32_t fields;      /* set of 1 << enum tg_field_id */
    uint32_t fields_mask; /* the bits of a word that belong to its fields, op included */
    enum tg_field_id imm_field; /* the field that holds the immediate; TG_FIELD_COUNT: none */
    uint8_t imm_shift;          /* the immediate is a multiple of 1 << imm_shift */
    int32_t imm_min, imm_max; /* inclusive; both 0 when there is no immediate */
    const char *meaning;
};

struct tg_insn_info {
    const char *mnemonic;
    enum tg_format format;
    uint8_t op;   /* bits 31:25 */
    uint16_t fn;  /* bits 9:0 when op is a register group (0x10 to 0x1f) */
    const char *operands; /* template, letters as in insns.def */
    uint8_t ring; /* 0 to 3, TG_RING_IO, TG_RING_PORT or TG_RING_CREG */
    enum tg_effect effect;
    uint8_t access_bytes;
    const char *meaning;
    uint32_t match, mask; /* a word w is this instruction if (w & mask) == match (and its control register exists) */
};

struct tg_creg_info {
    const char *name;
    uint8_t number;
    int8_t read_ring, write_ring; /* TG_CREG_NEVER: none may */
    uint32_t writable;            /* bits that may be set in a written value */
    const char *meaning;
};

struct tg_cause_info {
    const char *name;
    uint8_t vector;
    const char *saved_pc, *error, *address, *meaning; /* for the manual and for reports */
};

/* Rows by their id or number; NULL when there is none. The result lives as long as the program. */
const struct tg_field_info *tg_field_info(enum tg_field_id id);
const struct tg_format_info *tg_format_info(enum tg_format id);
const struct tg_insn_info *tg_insn_info(enum tg_insn_id id);
const char *tg_insn_group(enum tg_insn_id id); /* title of its group, for manuals and help */
const struct tg_creg_info *tg_creg_info(uint32_t number);
const struct tg_cause_info *tg_cause_info(uint32_t vector);
const char *tg_access_name(uint32_t access);
const char *tg_page_reason(uint32_t reason);
const char *tg_privilege_reason(uint32_t reason);
const char *tg_gate_reason(uint32_t reason);

/* Names. Register names are those of registers.def, x0 to x31 and fp. Look-ups return -1 for an unknown name
 * (TG_INSN_ILLEGAL for a mnemonic); len is the length of name in bytes, no terminator needed. */
const char *tg_register_name(uint32_t number);
const char *tg_register_role(uint32_t number);
int tg_register_by_name(const char *name, size_t len);
int tg_creg_by_name(const char *name, size_t len);
enum tg_insn_id tg_insn_by_mnemonic(const char *name, size_t len);

/* --- Words and instructions ---------------------------------------------------------------------------------------- */

/* A decoded instruction. Fields that the format lacks are 0. imm by format: I, S: sign-extended imm15; H: shift
 * amount; B, J: distance in bytes from this instruction; U: the value already shifted left by 12; C, CR, CW: control
 * register number; T: vector. */
struct tg_insn {
    enum tg_insn_id id;
    uint8_t rd, ra, rb;
    int32_t imm;
};

/* Decodes any word; id is TG_INSN_ILLEGAL (and the rest 0) when it is no legal instruction, which includes a set bit
 * outside the format's fields and a control register that does not exist. */
struct tg_insn tg_decode(uint32_t word);

/* Encodes *insn into *ret_word. Returns false, and leaves *ret_word alone, when a register number is over 31, the
 * immediate does not fit the format (range, multiple of 4, low 12 bits of an upper immediate), a field that the format
 * lacks is not 0, or the control register does not exist. */
bool tg_encode(const struct tg_insn *insn, uint32_t *ret_word);

/* Shorthands for building words in C; the result is 0 (an illegal word) where tg_encode would refuse. */
uint32_t tg_word_r(enum tg_insn_id id, unsigned rd, unsigned ra, unsigned rb);
uint32_t tg_word_i(enum tg_insn_id id, unsigned rd, unsigned ra, int32_t imm); /* also S, B, C and every rest */

/* Longest text that tg_disassemble writes, with its terminator. */
#define TG_DISASSEMBLY_BYTES 64

/* Writes the text of word as at address pc into buf (TG_DISASSEMBLY_BYTES bytes), branch targets as absolute
 * hexadecimal addresses, an illegal word as ".word 0x...". The assembler reads the text back to the same word. */
void tg_disassemble(uint32_t word, uint32_t pc, char *buf);

#endif
