/*
 * The format of the constant by which a system tells a debugger of itself, exported at the symbol `tollgate_guest_table`:
 * numbers only, for the guest's C and assembly (assembler/include/guest_table.h) and for the reader (debug/guest.c).
 * Manual: docs/guest-table.md.
 */
#ifndef TG_GUEST_TABLE_H
#define TG_GUEST_TABLE_H

#define TG_TABLE_SYMBOL  "tollgate_guest_table"
#define TG_TABLE_MAGIC   0x42544754 /* "TGTB" */
#define TG_TABLE_VERSION 1

/* Parts are words of 32 bits, addresses of texts, arrays and other parts among them. Offsets of the table's: */
#define TG_TABLE_NAME       8  /* text: the system's name */
#define TG_TABLE_LISTS      12 /* array of addresses of lists; one that is 0 is no list */
#define TG_TABLE_LISTS_COUNT 16
#define TG_TABLE_BIAS       20 /* an address of the kernel less its physical address, or TG_TABLE_PAGED */
#define TG_TABLE_CALL_VECTOR   24 /* of the gate for calls; TG_TABLE_NO_CALLS */
#define TG_TABLE_CALL_REGISTER 28 /* that holds a call's number */
#define TG_TABLE_BYTES      32

#define TG_TABLE_PAGED    1   /* the kernel's addresses are those of CPU 0's page tables */
#define TG_TABLE_NO_CALLS 256

/* Of a list. */
#define TG_TABLE_LIST_NAME        0  /* text */
#define TG_TABLE_LIST_MEANING     4  /* text, or 0 */
#define TG_TABLE_LIST_ROWS        8  /* first row; LINKED: of the pointer to it; POINTERS: of the first pointer */
#define TG_TABLE_LIST_COUNT       12 /* rows, or the most there can be */
#define TG_TABLE_LIST_COUNT_AT    16 /* address of the word that has the number of rows; 0: COUNT is it */
#define TG_TABLE_LIST_SHAPE       20 /* TG_TABLE_SHAPE_... */
#define TG_TABLE_LIST_STEP        24 /* bytes from row to row, or pointer to pointer; LINKED: offset of the pointer to the next */
#define TG_TABLE_LIST_INNER       28 /* a list in each row: offset of its first row, */
#define TG_TABLE_LIST_INNER_COUNT 32 /* how many; 0: there is none and the rows themselves are meant */
#define TG_TABLE_LIST_INNER_STEP  36 /* bytes from one to the next */
#define TG_TABLE_LIST_FIELDS      40 /* array of fields */
#define TG_TABLE_LIST_FIELD_COUNT 44
#define TG_TABLE_LIST_NAMES       48 /* names of the rows by number, or 0 */
#define TG_TABLE_LIST_USED        52 /* number + 1 of the field that is 0 in rows not in use; 0: all are */
#define TG_TABLE_LIST_KEY         56 /* number + 1 of the field by whose value others name a row; 0: none */
#define TG_TABLE_LIST_SERVICE     60 /* number + 1 of the row of list "services" whose memory the rows are in; 0: the kernel's */
#define TG_TABLE_LIST_BYTES       64

#define TG_TABLE_SHAPE_ARRAY    0
#define TG_TABLE_SHAPE_LINKED   1
#define TG_TABLE_SHAPE_POINTERS 2

/* Of a field. */
#define TG_TABLE_FIELD_NAME    0  /* text */
#define TG_TABLE_FIELD_KIND    4  /* byte: TG_TABLE_KIND_... */
#define TG_TABLE_FIELD_PLACE   5  /* byte: TG_TABLE_PLACE_... */
#define TG_TABLE_FIELD_SIZE    6  /* byte: 1, 2 or 4; of a text its bytes */
#define TG_TABLE_FIELD_LOADS   7  /* byte: pointers followed on the way, 0 to 2 */
#define TG_TABLE_FIELD_SHIFT   8  /* byte: the value's lowest bit in what is there */
#define TG_TABLE_FIELD_WIDTH   9  /* byte: its bits; 0: all from SHIFT on */
#define TG_TABLE_FIELD_WHEN    10 /* byte: number + 1 of a field that is 0 when this one means nothing; 0: it always does */
#define TG_TABLE_FIELD_OFFSETS 12 /* three: from the row; then from each pointer loaded there. Or the constant, or control register */
#define TG_TABLE_FIELD_EXTRA   24 /* ENUM, BITS, FLAG: names; references: text, the list's name */
#define TG_TABLE_FIELD_BYTES   28

#define TG_TABLE_KIND_NUMBER  0
#define TG_TABLE_KIND_SIGNED  1
#define TG_TABLE_KIND_HEX     2
#define TG_TABLE_KIND_ADDRESS 3
#define TG_TABLE_KIND_FLAG    4  /* names, if there are: of 0, of all other values */
#define TG_TABLE_KIND_ENUM    5
#define TG_TABLE_KIND_BITS    6
#define TG_TABLE_KIND_TEXT    7
#define TG_TABLE_KIND_POINTER 8  /* a row of a list, by its address; 0: none */
#define TG_TABLE_KIND_INDEX   9  /* by its number */
#define TG_TABLE_KIND_KEY     10 /* by its key */

#define TG_TABLE_PLACE_ROW          0 /* memory, at OFFSETS from the row */
#define TG_TABLE_PLACE_OUTER        1 /* from the row that the row's list is in */
#define TG_TABLE_PLACE_CONSTANT     2 /* the first of OFFSETS itself */
#define TG_TABLE_PLACE_REGISTER     3 /* a control register of the CPU that has the row's number */
#define TG_TABLE_PLACE_SELF         4 /* the row's address */
#define TG_TABLE_PLACE_OUTER_SELF   5
#define TG_TABLE_PLACE_NUMBER       6 /* the row's number; in a list in a row, within that */
#define TG_TABLE_PLACE_OUTER_NUMBER 7

/* Of names: how many, and the address of an array of texts; one that is 0 has no name. */
#define TG_TABLE_NAMES_COUNT 0
#define TG_TABLE_NAMES_TEXTS 4
#define TG_TABLE_NAMES_BYTES 8

/* Limits: a table that exceeds one is refused. */
#define TG_TABLE_MOST_LISTS  64
#define TG_TABLE_MOST_FIELDS 64
#define TG_TABLE_MOST_ROWS   16384 /* of a list, those in rows counted together */
#define TG_TABLE_MOST_SEARCHED 1024 /* rows that are looked at for one with a key, or an address in a list that is no array */
#define TG_TABLE_MOST_NAMES  8192  /* of all names of the table together */
#define TG_TABLE_MOST_TEXT   63    /* bytes of a name; of a meaning four times that */

#endif
