/*
 * The built-in layouts: linker scripts by name. "--show-layout" prints them, to be copied and
 * changed. Manual: docs/toolchain.md, "Layouts".
 */
#include <string.h>

#include "ld/link.h"

/* Sections in the order that needs the fewest segments: code; constants; variables; zeros. at: the
 * load address of the first, from which those of the others follow. */
#define CODE(at)                                                                                   \
    "    PROVIDE(__text_start = .);\n"                                                             \
    "    .text : " at "{\n"                                                                        \
    "        KEEP(*(.text.start .init))\n"                                                         \
    "        *(.text .text.*)\n"                                                                   \
    "        KEEP(*(.fini))\n"                                                                     \
    "    }\n"                                                                                      \
    "    PROVIDE(__text_end = .);\n"

#define CONSTANTS                                                                                  \
    "    . = ALIGN(4096);\n"                                                                       \
    "    .rodata : { *(.rodata .rodata.* .srodata .srodata.*) }\n"

/* The variables of the one thread are where they were linked. gp, in the middle of the small
 * variables, reaches 2 KiB to either side in code that came from RISC-V. */
#define VARIABLES                                                                                  \
    "    . = ALIGN(4096);\n"                                                                       \
    "    PROVIDE(__data_start = .);\n"                                                             \
    "    .init_array : {\n"                                                                        \
    "        PROVIDE(__preinit_array_start = .);\n"                                                \
    "        KEEP(*(.preinit_array))\n"                                                            \
    "        PROVIDE(__preinit_array_end = .);\n"                                                  \
    "        PROVIDE(__init_array_start = .);\n"                                                   \
    "        KEEP(*(SORT_BY_INIT_PRIORITY(.init_array.*) .init_array))\n"                          \
    "        PROVIDE(__init_array_end = .);\n"                                                     \
    "        PROVIDE(__fini_array_start = .);\n"                                                   \
    "        KEEP(*(SORT_BY_INIT_PRIORITY(.fini_array.*) .fini_array))\n"                          \
    "        PROVIDE(__fini_array_end = .);\n"                                                     \
    "    }\n"                                                                                      \
    "    .tdata : {\n"                                                                             \
    "        PROVIDE(__tls_base = .);\n"                                                           \
    "        *(.tdata .tdata.*)\n"                                                                 \
    "        PROVIDE(__tdata_end = .);\n"                                                          \
    "        *(.tbss .tbss.*)\n"                                                                   \
    "        PROVIDE(__tls_end = .);\n"                                                            \
    "    }\n"                                                                                      \
    "    .data : {\n"                                                                              \
    "        *(.data .data.*)\n"                                                                   \
    "        . = ALIGN(8);\n"                                                                      \
    "        PROVIDE(__global_pointer$ = . + 0x800);\n"                                            \
    "        *(.sdata .sdata.*)\n"                                                                 \
    "    }\n"                                                                                      \
    "    PROVIDE(__data_end = .);\n"                                                               \
    "    PROVIDE(_edata = .);\n"                                                                   \
    "    . = ALIGN(4);\n"                                                                          \
    "    PROVIDE(__bss_start = .);\n"                                                              \
    "    .bss : { *(.sbss .sbss.* .bss .bss.* COMMON) }\n"                                         \
    "    . = ALIGN(4);\n"                                                                          \
    "    PROVIDE(__bss_end = .);\n"                                                                \
    "    PROVIDE(_end = .);\n"                                                                     \
    "    PROVIDE(end = .);\n"

#define NOT_FOR_PROGRAMS "    /DISCARD/ : { *(.eh_frame .eh_frame.* .note.GNU-stack) }\n"

static const struct {
    const char *name, *meaning, *script;
} layouts[] = {
    {"bare", "runs by itself, at physical addresses from 0x1000; the default",
     "/* Programs that run by themselves: physical addresses from 0x1000 (page 0 is the boot\n"
     "   block's); --defsym TEXT_ADDRESS=... for others. */\n"
     "ENTRY(_start)\n"
     "PROVIDE(TEXT_ADDRESS = 0x1000);\n"
     "SECTIONS {\n"
     "    . = TEXT_ADDRESS;\n" CODE("") CONSTANTS VARIABLES NOT_FOR_PROGRAMS "}\n"},
    {"kernel", "at virtual addresses from 0xc0001000, loaded at physical 0x1000",
     "/* Kernels: virtual addresses from KERNEL_BASE + 0x1000, loaded at physical addresses from\n"
     "   0x1000; --defsym KERNEL_BASE=... for others. Execution starts at the physical address of\n"
     "   _start, with paging off. */\n"
     "ENTRY(_start)\n"
     "PROVIDE(KERNEL_BASE = 0xc0000000);\n"
     "SECTIONS {\n"
     "    . = KERNEL_BASE + 0x1000;\n" CODE("AT(ADDR(.text) - KERNEL_BASE) ")
         CONSTANTS VARIABLES NOT_FOR_PROGRAMS "}\n"},
    {"user", "a program of an operating system: virtual addresses from 0x10000",
     "/* Programs of an operating system: virtual addresses from 0x10000 (the pages below stay\n"
     "   unmapped, so that null pointers fault); --defsym TEXT_ADDRESS=... for others. */\n"
     "ENTRY(_start)\n"
     "PROVIDE(TEXT_ADDRESS = 0x10000);\n"
     "SECTIONS {\n"
     "    . = TEXT_ADDRESS;\n" CODE("") CONSTANTS VARIABLES NOT_FOR_PROGRAMS "}\n"},
};

const char *ld_layout_script(const char *layout)
{
    for (size_t i = 0; i < sizeof layouts / sizeof layouts[0]; i++)
        if (strcmp(layouts[i].name, layout) == 0)
            return layouts[i].script;
    return NULL;
}

const char *ld_layout_name(size_t index, const char **ret_meaning)
{
    if (index >= sizeof layouts / sizeof layouts[0])
        return NULL;
    *ret_meaning = layouts[index].meaning;
    return layouts[index].name;
}
