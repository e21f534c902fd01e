/*
 * Objects, archives and linker scripts: any bytes are refused with messages, or linked to an
 * executable that can be read again and is the same each time.
 */
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "ld/link.h"
#include "objects.h"

static const char *const scripts[] = {
    "/* all */ ENTRY(_start)\nbase = 0x80000000;\nPROVIDE(x = base >> 4);\nSECTIONS {\n"
    ". = base + 4K;\n.text : AT(ADDR(.text) - base) ALIGN(16) { KEEP(*(.init)) *(.text .text.*)\n"
    "etext = .; . += 8; . = ALIGN(32); BYTE(1) SHORT(2) LONG(etext) } = 0x90909090\n"
    ".data ALIGN(0x1000) : { a.o(.data) *(EXCLUDE_FILE(b.o) .data) *(SORT(.data.*) COMMON) }\n"
    ".bss (NOLOAD) : { *(.bss) }\nsize = DEFINED(etext) && SIZEOF(.text) != 0 ? LOADADDR(.data) : "
    "~1;\n/DISCARD/ : { *(.note*) }\nASSERT(size > 1 || !x, \"message\")\n}\n",
    "ENTRY(_start) SECTIONS { .text 0x1000 : { *(.text*) } .rest : { *(*) } end = MAX(1, MIN(2, "
    "ABSOLUTE(.))); HIDDEN(h = 1 % 3 ^ 2 | 4 & 7 - -1 * 2 / 1); PROVIDE_HIDDEN(p = ALIGNOF(.text));"
    " }",
};

size_t fuzz_seed(unsigned index, uint8_t *bytes)
{
    unsigned count = sizeof scripts / sizeof scripts[0];
    size_t size = 0;
    uint8_t *made;

    if (index < count) {
        size = strlen(scripts[index]);
        memcpy(bytes, scripts[index], size);
        return size;
    }
    made = fuzz_object(index - count, &size);
    if (made)
        memcpy(bytes, made, size);
    free(made);
    return made ? size : 0;
}

/* Links the input, or by it, with an object that is in order. The options differ with the size. */
static uint8_t *link_once(const uint8_t *bytes, size_t size, size_t *ret_size)
{
    static const char good[] = ".globl _start, main, outside\n_start: call helper\n call main\n"
                               "main: ret\n.data\n.weak helper, shared\n.word shared, helper\n";
    FILE *nowhere = fopen("/dev/null", "w");
    bool is_object = size >= 4 && (bytes[0] == 0x7f || bytes[0] == '!');
    char *text = calloc(1, size + 1);
    struct ld_link link;
    uint8_t *linked = NULL, *object;
    size_t object_size;

    if (!nowhere || !text)
        fuzz_fail("no memory");
    memcpy(text, bytes, size);
    object = fuzz_assemble(good, &object_size);
    ld_init(&link, nowhere);
    link.options.most_bytes = UINT32_C(1) << 22;
    link.options.has_gc = size % 2;
    link.options.has_whole_archive = size % 3 == 0;
    if (ld_begin(&link, "fuzz.ld", is_object ? ld_layout_script("kernel") : text)) {
        if (is_object)
            ld_add_bytes(&link, "fuzz.o", bytes, size);
        ld_add_bytes(&link, "good.o", object, object_size);
        if (ld_link(&link, &linked, ret_size))
            ld_write_map(&link, nowhere);
    }
    if ((linked == NULL) != (link.errors != 0))
        fuzz_fail("%u errors, but %s output", link.errors, linked ? "an" : "no");
    ld_finish(&link);
    fclose(nowhere);
    free(object);
    free(text);
    return linked;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    size_t first_size = 0, second_size = 0;
    uint8_t *first, *second;
    struct tg_error error;
    struct tg_obj *obj;

    if (size > FUZZ_MAX_BYTES)
        return 0;
    first = link_once(bytes, size, &first_size);
    second = link_once(bytes, size, &second_size);
    if ((first == NULL) != (second == NULL) || first_size != second_size ||
        (first && memcmp(first, second, first_size) != 0))
        fuzz_fail("the same input was linked differently");
    if (first) {
        if (tg_obj_read(first, first_size, "linked", EM_TG32, &obj, &error) != TG_OK)
            fuzz_fail("not readable: %s", error.text);
        if (obj->type != ET_EXEC)
            fuzz_fail("not an executable");
        tg_obj_destroy(obj);
    }
    free(first);
    free(second);
    return 0;
}
