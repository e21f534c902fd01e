/* See objects.h. */
#include "objects.h"

#include <stdio.h>
#include <stdlib.h>

#include "as/as.h"
#include "fuzz.h"
#include "object/archive.h"

static const char *const sources[] = {
    ".globl _start, helper\n_start: la a0, text\n call helper\n lw a1, count\n bnez a1, _start\n"
    "tail outside\nhelper: ret\n.section .rodata\ntext: .asciz \"text\"\n.data\ncount: .word text, "
    "helper - _start, outside\n.half 7\n.bss\nroom: .space 100\n.comm shared, 8, 8\n.weak maybe\n"
    ".section table, \"a\"\n.word maybe, __start_table, __stop_table\n",
    ".globl outside\n.section .text.outside, \"ax\"\noutside: j outside\n.section .tdata, \"awT\"\n"
    "v: .word 1\n.section .init_array.5, \"aw\"\n.word outside\n.comm shared, 16, 4\n"
    ".text\nlui a0, %tprel_hi(v)\naddi a0, a0, %tprel_lo(v)\nlui a1, %hi(shared)\nlw a1, "
    "%lo(shared)(a1)\n",
};

static struct tg_obj *make_object(const char *source)
{
    FILE *nowhere = fopen("/dev/null", "w");
    struct as_options options = {.messages = nowhere,
                                 .debug = true,
                                 .line_limit = 1000,
                                 .byte_limit = UINT32_C(1) << 16};
    size_t length = 0;

    while (source[length])
        length++;
    struct tg_obj *obj = assemble_text("seed.s", source, length, &options, NULL);

    if (nowhere)
        fclose(nowhere);
    if (!obj)
        fuzz_fail("a seed cannot be assembled");
    return obj;
}

uint8_t *fuzz_assemble(const char *source, size_t *ret_size)
{
    struct tg_obj *obj = make_object(source);
    uint8_t *file;

    if (tg_obj_write(obj, &file, ret_size, NULL) != TG_OK)
        fuzz_fail("a seed cannot be written");
    tg_obj_destroy(obj);
    return file;
}

static uint8_t *make_archive(size_t *ret_size)
{
    struct tg_archive_writer *writer = tg_archive_create();
    uint8_t *file = NULL;

    for (size_t i = 0; i < sizeof sources / sizeof sources[0]; i++) {
        struct tg_obj *obj = make_object(sources[i]);

        if (tg_archive_add(writer, i ? "second.o" : "first.o", obj, NULL) != TG_OK)
            fuzz_fail("a seed cannot be put into an archive");
        tg_obj_destroy(obj);
    }
    if (tg_archive_finish(writer, "seed.a", &file, ret_size, NULL) != TG_OK)
        fuzz_fail("an archive cannot be written");
    tg_archive_discard(writer);
    return file;
}

uint8_t *fuzz_object(unsigned index, size_t *ret_size)
{
    unsigned count = sizeof sources / sizeof sources[0];

    if (index < count)
        return fuzz_assemble(sources[index], ret_size);
    return index == count ? make_archive(ret_size) : NULL;
}
