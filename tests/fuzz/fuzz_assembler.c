/*
 * Sources: any text is assembled or refused, the same way each time; what is made is an object that
 * can be written and read again. Nothing is read from files that a text names, but for those of the
 * folder that the test runs in.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "as/as.h"
#include "fuzz.h"

/* Every directive, operand form, macro and expression feature occurs here somewhere. */
static const char *const seeds[] = {
    ".text\n.globl _start\n_start: la a1, text\n li a0, 0x12345678\n li a2, end - text\n"
    "1: lbu a0, 0(a1)\n beqz a0, 2f\n outb a0, PORT_DEBUG_CHARACTER\n addi a1, a1, 1\n j 1b\n"
    "2: push {ra, s0-s3}\n call helper\n pop {ra, s0-s3}\n tail outside\n helper: ret\n"
    ".data\n.align 3\ntext: .asciz \"hello\\n\\x41\\101\"\nend: .word text, helper - ., out + 4\n",
    ".macro twice what, n=2, r:req, more:vararg\n.rept \\n\n\\what\n.endr\n.word \\@ // \\more\n"
    ".endm\ntwice nop, 3, 4, 5, 6\ntwice what=\"addi a0, a0, 1\", r=7\n.irp x, 1, 2, 3\n.byte \\x\n"
    ".endr\n.irpc c, abc\n.ascii \"\\c\\()z\"\n.endr\n.macro rec n\n.if \\n\nrec \\n-1\n.endif\n"
    ".endm\nrec 5\n",
    ".if 1 + 2 * 3 == 7 && !0\n.word 1\n.elseif 2\n.word 2\n.else\n.word 3\n.endif\n.ifdef "
    "A\n.endif\n"
    ".ifndef A\n.set A, (1 << 4) | 'x' ^ ~0x7 % 5 - -3 / 2 >= 1 != 0 || 0b101 > 017\n.endif\n"
    ".ifb\n.endif\n.ifnb x\n.endif\nB = A + 1\n.equ C, late - early\nearly: .space 4\nlate:\n"
    ".word A, B, C\n",
    ".section .rodata.str, \"aMS\", @progbits, 1\n.string \"a\", \"b\"\n.section .tbss, \"awT\", "
    "@nobits\n"
    ".zero 8\n.pushsection .note.x\n.quad 0x123456789abcdef0\n.popsection\n.previous\n"
    ".bss\nbuf: .skip 100\n.comm shared, 4, 4\n.lcomm own, 8, 8\n.weak w\n.local own\n.hidden buf\n"
    ".type buf, @object\n.size buf, . - buf\n.file \"x.c\"\n.data\n.fill 3, 2, 7\n.org 0x40\n"
    ".half 1, w\n.byte buf\n.balign 16, 1, 8\n.p2align 2\n.warning \"w\"\n.error \"e\"\n.end\n",
    "x: beq a0, a1, far\nbne a0, a1, out\n.space 70000\nfar: jal far\njal t0, y\n.space 3000000\n"
    "y: j x\ncall x\nbltu a0, a1, 0x1000\n.align 4\n.space y - far - 2999000\n.org . + 8\nbge a0, "
    "a1, .\n",
    "auipc a0, %pcrel_hi(x)\naddi a0, a0, %pcrel_lo(l)\nl: auipc a1, %pcrel_hi(x+4)\n"
    "lw a1, %pcrel_lo(l)(a1)\nlui a2, %hi(x)\nsw a2, %lo(x)(a2)\nlui a3, %tprel_hi(v)\n"
    "lw a3, %tprel_lo(v)(a3)\nrdcr a0, time\nwrcr vbase, a0\nswcr a0, scratch0, a1\ncli\ntrap "
    "0x80\n"
    "lr.w a0, (a1)\nsc.w a0, a2, (a1)\ntlbinv zero, a0\nslli a0, a1, 31\nlw a0, x\nsw a0, x, t0\n"
    "li a0, x\naddi a0, a0, x - l\nx: .word v - x, x - v\n",
    "/* a comment\nover lines */ nop # one\n nop ; two\n nop // three\na: b: 10: nop\n j "
    "10b\n.rept 3\n"
    "7: bnez a0, 7b\n.rept 2\nnop\n.endr\n.endr\n.include \"no such file\"\n.incbin \"none\", 1, "
    "2\n",
};

size_t fuzz_seed(unsigned index, uint8_t *bytes)
{
    size_t length;

    if (index >= sizeof seeds / sizeof seeds[0])
        return 0;
    length = strlen(seeds[index]);
    memcpy(bytes, seeds[index], length);
    return length;
}

/* The file's bytes, if there was nothing wrong with the text. */
static uint8_t *assemble_once(const uint8_t *bytes, size_t size, size_t *ret_size,
                              struct buffer *listing)
{
    FILE *nowhere = fopen("/dev/null", "w"); /* messages are made, so that they are tried too */
    struct as_options options = {.messages = nowhere,
                                 .debug = true,
                                 .listing = listing != NULL,
                                 .line_limit = 20000,
                                 .byte_limit = UINT32_C(1) << 23};
    struct tg_obj *obj = assemble_text("fuzz.s", (const char *)bytes, size, &options, listing);
    struct tg_error error;
    uint8_t *file = NULL;

    if (nowhere)
        fclose(nowhere);
    if (obj && tg_obj_write(obj, &file, ret_size, &error) != TG_OK)
        fuzz_fail("not written: %s", error.text);
    tg_obj_destroy(obj);
    return file;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct buffer listing = {0};
    struct tg_error error;
    struct tg_obj *obj;
    size_t first_size = 0, second_size = 0;
    uint8_t *first, *second;

    if (size > FUZZ_MAX_BYTES)
        return 0;
    first = assemble_once(bytes, size, &first_size, &listing);
    second = assemble_once(bytes, size, &second_size, NULL);
    if (!first != !second || first_size != second_size ||
        (first && memcmp(first, second, first_size) != 0))
        fuzz_fail("one text, two objects");
    if (first) {
        if (tg_obj_read(first, first_size, "made.o", EM_TG32, &obj, &error) != TG_OK)
            fuzz_fail("what was written is refused: %s", error.text);
        tg_obj_destroy(obj);
    }
    buffer_finish(&listing);
    free(first);
    free(second);
    return 0;
}
