/* Tests of reading executables (emu/core/loader.c, symbols.c). */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "core/loader.h"
#include "elf_file.h"

#define RAM_BYTES    0x10000
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static int parse(const struct elf_file *file, struct tg_image **ret_image, struct tg_error *error)
{
    /* a buffer of exactly the file's size, so that a sanitizer sees a byte too many */
    uint8_t *bytes = malloc(file->size == 0 ? 1 : file->size);
    memcpy(bytes, file->bytes, file->size);
    int result = tg_image_parse(bytes, file->size, RAM_BYTES, ret_image, error);
    free(bytes);
    return result;
}

/* --- What is refused -------------------------------------------------------------------------- */

struct patch {
    uint32_t offset, width, value;
};

/* rules: IMG-1, IMG-2. First segment: 0x34, second: 0x54; members: type 0, offset 4, vaddr 8, paddr
 * 12, filesz 16, memsz 20, flags 24, align 28. */
static const struct {
    struct patch patches[3];
    size_t size; /* 0: the whole file */
    const char *message;
} refused[] = {
    {{{0}}, 51, "image: an ELF header has 52 bytes, the file has 51"},
    {{{0, 1, 0x7e}}, 0, "image: not an ELF file: it begins with 7e 45 4c 46"},
    {{{4, 1, 2}}, 0, "ELF header: class must be 1 (32 bits), found 2"},
    {{{5, 1, 2}}, 0, "ELF header: byte order must be 1 (little-endian), found 2"},
    {{{6, 1, 7}}, 0, "ELF header: version must be 1, found 7"},
    {{{7, 1, 3}}, 0, "ELF header: OS ABI must be 0 (none), found 3"},
    {{{16, 2, 1}},
     0,
     "ELF header: type must be 2 (executable), found 1 (an object file: link it with tg-ld)"},
    {{{16, 2, 3}}, 0, "ELF header: type must be 2 (executable), found 3"},
    {{{18, 2, 243}},
     0,
     "ELF header: machine must be 0x5447 (TG32), found 0xf3; build it with tg-cc or tg-as"},
    {{{20, 4, 2}}, 0, "ELF header: file version must be 1, found 2"},
    {{{36, 4, 5}}, 0, "ELF header: flags must be 0, found 0x5"},
    {{{40, 2, 64}}, 0, "ELF header: header size must be 52, found 64"},
    {{{42, 2, 56}}, 0, "ELF header: a program header has 32 bytes, found 56"},
    {{{44, 2, 0}}, 0, "ELF header: 1 to 64 program headers expected, found 0"},
    {{{44, 2, 65}}, 0, "ELF header: 1 to 64 program headers expected, found 65"},
    {{{44, 2, 0xffff}}, 0, "ELF header: 1 to 64 program headers expected, found 65535"},
    {{{28, 4, 0x35}}, 0, "ELF header: program headers must begin at a multiple of 4, found 0x35"},
    {{{28, 4, 0xfffffffc}},
     0,
     "ELF header: program headers at 0xfffffffc, 64 bytes, go beyond the file's 488 bytes"},
    {{{28, 4, ELF_END - 60}},
     0,
     "ELF header: program headers at 0x1ac, 64 bytes, go beyond the file's 488 bytes"},
    {{{44, 2, 64}},
     0,
     "ELF header: program headers at 0x34, 2048 bytes, go beyond the file's 488 bytes"},
    {{{0x34, 4, 3}}, 0, "segment 0: type 3 asks for dynamic linking; link the program statically"},
    {{{0x54, 4, 2}}, 0, "segment 1: type 2 asks for dynamic linking; link the program statically"},
    {{{0x54 + 20, 4, 15}}, 0, "segment 1: file size 0x10 is larger than memory size 0xf"},
    {{{0x54 + 4, 4, ELF_END + 4}},
     0,
     "segment 1: file offset 0x1ec and size 0x10 go beyond the file's 0x1e8 bytes"},
    {{{0x54 + 4, 4, 0xfffffff0}},
     0,
     "segment 1: file offset 0xfffffff0 and size 0x10 go beyond the file's 0x1e8 bytes"},
    {{{0x54 + 16, 4, 0xffffffff}, {0x54 + 20, 4, 0xffffffff}},
     0,
     "segment 1: file offset 0xa0 and size 0xffffffff go beyond the file's 0x1e8 bytes"},
    {{{0x54 + 28, 4, 12}}, 0, "segment 1: alignment must be a power of two, found 0xc"},
    {{{0x54 + 28, 4, 0x1000}},
     0,
     "segment 1: address 0x3000 and file offset 0xa0 must be equal modulo the alignment 0x1000"},
    {{{0x34 + 12, 4, 0xffc}},
     0,
     "segment 0: physical address 0xffc is below 0x1000: page 0 belongs to the boot block"},
    {{{0x54 + 12, 4, 0xffff}},
     0,
     "segment 1: physical address 0xffff and memory size 0x40 go beyond RAM, which ends at "
     "0x10000; give the machine "
     "more RAM or link lower"},
    {{{0x54 + 12, 4, 0xfffffff0}},
     0,
     "segment 1: physical address 0xfffffff0 and memory size 0x40 go beyond RAM"},
    {{{0x54 + 20, 4, 0xffffe000}},
     0,
     "segment 1: physical address 0x3000 and memory size 0xffffe000 go beyond RAM"},
    {{{0x54 + 12, 4, 0x101f}},
     0,
     "segment 1: memory [0x101f, 0x105f) overlaps that of segment 0, [0x1000, 0x1020)"},
    {{{0x34 + 12, 4, 0x3010}, {24, 4, 0x3010}},
     0,
     "segment 1: memory [0x3000, 0x3040) overlaps that of segment 0, [0x3010, 0x3030)"},
    {{{24, 4, 0x1002}}, 0, "ELF header: entry point must be a multiple of 4, found 0x1002"},
    {{{24, 4, 0x3000}}, 0, "ELF header: entry point 0x3000 lies in no executable segment"},
    {{{24, 4, 0x1020}}, 0, "ELF header: entry point 0x1020 lies in no executable segment"},
    {{{0x34 + 24, 4, 6}}, 0, "ELF header: entry point 0x1000 lies in no executable segment"},
    {{{0x34, 4, 4}}, 0, "ELF header: entry point 0x1000 lies in no executable segment"},
};

START_TEST(each_wrong_number_is_refused_with_its_message)
{
    struct elf_file file;
    elf_file_init(&file);
    for (size_t i = 0; i < COUNT(refused[0].patches); i++) {
        const struct patch *p = &refused[_i].patches[i];
        elf_file_put(&file, p->offset, p->width, p->value);
    }
    if (refused[_i].size != 0) {
        file.size = refused[_i].size;
    }
    struct tg_image *image = NULL;
    struct tg_error error = {""};
    ck_assert_int_eq(parse(&file, &image, &error), TG_E_FORMAT);
    ck_assert_ptr_null(image);
    if (strstr(error.text, refused[_i].message) == NULL) {
        ck_abort_msg("expected: %s\nfound:    %s", refused[_i].message, error.text);
    }
    ck_assert_int_eq(parse(&file, &image, NULL), TG_E_FORMAT);
}
END_TEST

START_TEST(every_truncation_is_refused_or_loses_only_symbols)
{
    struct elf_file file;
    elf_file_init(&file);
    for (file.size = 0; file.size < ELF_END; file.size++) {
        struct tg_image *image = NULL;
        struct tg_error error;
        int result = parse(&file, &image, &error);
        ck_assert_int_eq(result, file.size < ELF_DATA + 16 ? TG_E_FORMAT : TG_OK);
        tg_image_destroy(image);
    }
}
END_TEST

START_TEST(every_wrong_byte_is_harmless)
{
    for (size_t at = 0; at < ELF_END; at++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            struct elf_file file;
            elf_file_init(&file);
            file.bytes[at] ^= (uint8_t)(1u << bit);
            struct tg_image *image = NULL;
            struct tg_error error;
            if (parse(&file, &image, &error) == TG_OK) {
                uint32_t offset;
                tg_image_symbol(image, ELF_TEXT_PADDR + 4, &offset);
            }
            tg_image_destroy(image);
        }
    }
}
END_TEST

/* --- What is loaded --------------------------------------------------------------------------- */

static struct tg_machine *make_machine(void)
{
    struct tg_machine *machine;
    struct tg_config config = {.engine = "reference", .ram_bytes = RAM_BYTES};
    ck_assert_int_eq(tg_machine_create(&config, NULL, &machine, NULL), TG_OK);
    return machine;
}

static uint32_t ram_word(const struct tg_machine *machine, uint32_t paddr)
{
    uint8_t b[4];
    ck_assert_int_eq(tg_machine_ram_read(machine, paddr, b, 4), TG_OK);
    return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

START_TEST(segments_entry_and_symbols_are_taken)
{
    struct elf_file file;
    elf_file_init(&file);
    elf_file_put(&file, 24, 4, ELF_TEXT_PADDR + 4);
    struct tg_machine *machine = make_machine();
    ck_assert_int_eq(tg_machine_load_image(machine, file.bytes, file.size, NULL), TG_OK);
    struct tg_cpu_view view;
    tg_machine_cpu(machine, 0, &view);
    ck_assert_uint_eq(view.pc, ELF_TEXT_PADDR + 4);
    ck_assert_uint_eq(ram_word(machine, ELF_TEXT_PADDR), tg_word_i(TG_INSN_ADDI, 5, 5, 1));
    ck_assert_uint_eq(ram_word(machine, ELF_DATA_PADDR + 12), 4);
    ck_assert_uint_eq(ram_word(machine, ELF_DATA_PADDR + 16), 0);
    uint32_t offset;
    ck_assert_str_eq(tg_machine_symbol(machine, ELF_TEXT_PADDR + 12, &offset), "start");
    ck_assert_uint_eq(offset, 12);
    tg_machine_destroy(machine);
}
END_TEST

START_TEST(a_refused_image_leaves_the_machine_as_it_was)
{
    struct elf_file file;
    elf_file_init(&file);
    struct tg_machine *machine = make_machine();
    ck_assert_int_eq(tg_machine_load_image(machine, file.bytes, file.size, NULL), TG_OK);
    uint64_t before = tg_machine_digest(machine);
    elf_file_put(&file, 24, 4, 2);
    struct tg_error error;
    ck_assert_int_eq(tg_machine_load_image(machine, file.bytes, file.size, &error), TG_E_FORMAT);
    ck_assert_uint_eq(tg_machine_digest(machine), before);
    uint32_t offset;
    ck_assert_ptr_nonnull(tg_machine_symbol(machine, ELF_TEXT_PADDR, &offset));
    tg_machine_destroy(machine);
}
END_TEST

START_TEST(segments_that_say_nothing_about_memory_are_passed_over)
{
    struct elf_file file;
    elf_file_init(&file);
    elf_file_put(&file, 0x54, 4, 4); /* a note */
    struct tg_image *image;
    struct tg_error error;
    ck_assert_int_eq(parse(&file, &image, &error), TG_OK);
    ck_assert_uint_eq(tg_image_entry(image), ELF_TEXT_PADDR);
    tg_image_destroy(image);
    elf_file_init(&file);
    elf_file_put(&file, 0x54 + 16, 4, 0); /* an empty one, below page 1 of RAM or not */
    elf_file_put(&file, 0x54 + 20, 4, 0);
    ck_assert_int_eq(parse(&file, &image, &error), TG_OK);
    tg_image_destroy(image);
}
END_TEST

/* --- Symbols ---------------------------------------------------------------------------------- */

static void expect_symbol(const struct tg_image *image, uint32_t address, const char *name,
                          uint32_t offset)
{
    uint32_t found_offset = 0;
    const char *found = tg_image_symbol(image, address, &found_offset);
    if (name == NULL) {
        ck_assert_ptr_null(found);
    } else {
        ck_assert_ptr_nonnull(found);
        ck_assert_str_eq(found, name);
        ck_assert_uint_eq(found_offset, offset);
    }
}

START_TEST(the_nearest_symbol_below_names_an_address)
{
    struct elf_file file;
    elf_file_init(&file);
    struct tg_image *image;
    ck_assert_int_eq(parse(&file, &image, NULL), TG_OK);
    expect_symbol(image, 0, NULL, 0);
    expect_symbol(image, ELF_TEXT_PADDR - 1, NULL, 0);
    expect_symbol(image, ELF_TEXT_PADDR, "start", 0);
    expect_symbol(image, ELF_TEXT_PADDR + 15, "start", 15);
    expect_symbol(image, ELF_TEXT_PADDR + 16, "Lend", 0);
    expect_symbol(image, ELF_DATA_PADDR - 1, "Lend", ELF_DATA_PADDR - 1 - ELF_TEXT_PADDR - 16);
    expect_symbol(image, ELF_DATA_PADDR + 7, "table", 7);
    expect_symbol(image, ELF_DATA_PADDR + 8, NULL, 0);
    expect_symbol(image, UINT32_MAX, NULL, 0);
    tg_image_destroy(image);
}
END_TEST

START_TEST(functions_are_better_names_than_objects_and_labels)
{
    struct elf_file file;
    elf_file_init(&file);
    elf_file_put(&file, ELF_SYMTAB + 2 * 16 + 4, 4, ELF_TEXT_PADDR); /* the label, too */
    elf_file_put(&file, ELF_SYMTAB + 3 * 16 + 4, 4, ELF_TEXT_PADDR); /* the object, too */
    struct tg_image *image;
    ck_assert_int_eq(parse(&file, &image, NULL), TG_OK);
    expect_symbol(image, ELF_TEXT_PADDR, "start", 0);
    tg_image_destroy(image);
}
END_TEST

/* Each patch makes the table, or the first symbol, useless; the image still loads. */
static const struct patch useless[] = {
    {ELF_SYMTAB + 16, 4, 0xffffffff},           /* name outside the string table */
    {ELF_SYMTAB + 16, 4, ELF_STRTAB_BYTES - 1}, /* an empty name */
    {ELF_SYMTAB + 16 + 14, 2, 0},               /* undefined */
    {ELF_SYMTAB + 16 + 14, 2, 0xfff1},          /* absolute */
    {ELF_SYMTAB + 16 + 12, 1, 0x13},            /* a section's */
    {ELF_STRTAB + 2, 1, 0x1b},                  /* a name that would move the cursor */
    {ELF_STRTAB + 1, 1, '.'},                   /* a compiler's own label */
    {ELF_SHDR + 40 + 16, 4, 0xfffffff0},        /* table outside the file */
    {ELF_SHDR + 40 + 20, 4, 0xffffffff},        /* of any size */
    {ELF_SHDR + 40 + 24, 4, 99},                /* with the strings of no section */
    {ELF_SHDR + 40 + 24, 4, 0},                 /* with those of the null section */
    {ELF_SHDR + 40 + 4, 4, 1},                  /* no table at all */
    {ELF_SHDR + 80 + 16, 4, 0xffffff00},        /* strings outside the file */
    {32, 4, 0xffffffff},                        /* section headers outside the file */
    {48, 2, 0xffff},                            /* more section headers than the file has */
};

START_TEST(a_hostile_symbol_table_costs_only_names)
{
    struct elf_file file;
    elf_file_init(&file);
    elf_file_put(&file, useless[_i].offset, useless[_i].width, useless[_i].value);
    struct tg_image *image = NULL;
    ck_assert_int_eq(parse(&file, &image, NULL), TG_OK);
    uint32_t offset;
    const char *name = tg_image_symbol(image, ELF_TEXT_PADDR, &offset);
    ck_assert(name == NULL || strcmp(name, "start") != 0);
    tg_image_destroy(image);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("core loader");
    TCase *cases = tcase_create("loader");
    suite_add_tcase(suite, cases);
    tcase_add_loop_test(cases, each_wrong_number_is_refused_with_its_message, 0, COUNT(refused));
    tcase_add_test(cases, every_truncation_is_refused_or_loses_only_symbols);
    tcase_add_test(cases, every_wrong_byte_is_harmless);
    tcase_add_test(cases, segments_entry_and_symbols_are_taken);
    tcase_add_test(cases, a_refused_image_leaves_the_machine_as_it_was);
    tcase_add_test(cases, segments_that_say_nothing_about_memory_are_passed_over);
    tcase_add_test(cases, the_nearest_symbol_below_names_an_address);
    tcase_add_test(cases, functions_are_better_names_than_objects_and_labels);
    tcase_add_loop_test(cases, a_hostile_symbol_table_costs_only_names, 0, COUNT(useless));
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
