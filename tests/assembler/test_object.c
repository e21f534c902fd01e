/* Tests of objects and archives (assembler/object, docs/object-format.md): what is written is read
 * back, and nothing that a file says can do harm. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "isa/random.h"
#include "object/object.h"

static struct tg_obj *make_sample(void)
{
    static uint8_t text[64], data[] = {1, 2, 3, 4};
    static struct tg_obj_reloc relocs[] = {{0, TG_R_CALL, 2, 0}, {8, TG_R_HI20, 3, -4}};
    struct tg_obj *obj = tg_obj_create("sample");
    uint32_t text_index, data_index;

    ck_assert_ptr_nonnull(obj);
    text_index =
        tg_obj_add_section(obj, &(struct tg_obj_section){.name = ".text",
                                                         .type = SHT_PROGBITS,
                                                         .flags = SHF_ALLOC | SHF_EXECINSTR,
                                                         .align = 4,
                                                         .size_bytes = sizeof text,
                                                         .bytes = text,
                                                         .relocs = relocs,
                                                         .reloc_count = 2,
                                                         .group = 1});
    data_index = tg_obj_add_section(obj, &(struct tg_obj_section){.name = ".data",
                                                                  .type = SHT_PROGBITS,
                                                                  .flags = SHF_ALLOC | SHF_WRITE,
                                                                  .align = 8,
                                                                  .size_bytes = sizeof data,
                                                                  .bytes = data});
    tg_obj_add_section(obj, &(struct tg_obj_section){.name = ".bss",
                                                     .type = SHT_NOBITS,
                                                     .flags = SHF_ALLOC | SHF_WRITE,
                                                     .align = 16,
                                                     .size_bytes = 1000});
    tg_obj_add_symbol(obj, &(struct tg_obj_symbol){.name = "start",
                                                   .section = text_index,
                                                   .binding = STB_GLOBAL,
                                                   .type = STT_FUNC,
                                                   .size_bytes = 64});
    tg_obj_add_symbol(obj, &(struct tg_obj_symbol){.name = "elsewhere", .binding = STB_GLOBAL});
    tg_obj_add_symbol(obj,
                      &(struct tg_obj_symbol){
                          .name = "here", .section = data_index, .value = 2, .binding = STB_LOCAL});
    tg_obj_add_symbol(
        obj, &(struct tg_obj_symbol){
                 .name = "seven", .section = TG_OBJ_ABSOLUTE, .value = 7, .binding = STB_WEAK});
    obj->groups = tg_obj_alloc(obj, sizeof *obj->groups);
    obj->groups[0] = (struct tg_obj_group){1, true};
    obj->group_count = 1;
    return obj;
}

static uint8_t *write_sample(struct tg_obj *obj, size_t *ret_size)
{
    struct tg_error error = {""};
    uint8_t *bytes = NULL;

    ck_assert_msg(tg_obj_write(obj, &bytes, ret_size, &error) == TG_OK, "%s", error.text);
    tg_obj_destroy(obj);
    return bytes;
}

static struct tg_obj *read_back(const uint8_t *bytes, size_t size)
{
    struct tg_error error = {""};
    struct tg_obj *obj = NULL;

    ck_assert_msg(tg_obj_read(bytes, size, "sample.o", EM_TG32, &obj, &error) == TG_OK, "%s",
                  error.text);
    return obj;
}

START_TEST(an_object_is_read_as_it_was_written)
{
    size_t size = 0;
    uint8_t *bytes = write_sample(make_sample(), &size);
    struct tg_obj *obj = read_back(bytes, size);
    const struct tg_obj_section *text = &obj->sections[1];

    ck_assert_uint_eq(obj->section_count, 4);
    ck_assert_str_eq(text->name, ".text");
    ck_assert_uint_eq(text->flags, SHF_ALLOC | SHF_EXECINSTR);
    ck_assert_uint_eq(text->reloc_count, 2);
    ck_assert_uint_eq(text->group, 1);
    ck_assert_uint_eq(obj->sections[2].group, 0);
    ck_assert_uint_eq(obj->sections[3].size_bytes, 1000);
    ck_assert_ptr_null(obj->sections[3].bytes);
    ck_assert_int_eq(memcmp(obj->sections[2].bytes, "\1\2\3\4", 4), 0);

    ck_assert_uint_eq(obj->symbol_count, 5);
    ck_assert_str_eq(obj->symbols[1].name, "here"); /* locals come first */
    ck_assert_str_eq(obj->symbols[text->relocs[0].symbol].name, "elsewhere");
    ck_assert_str_eq(obj->symbols[text->relocs[1].symbol].name, "here");
    ck_assert_int_eq(text->relocs[1].addend, -4);
    ck_assert_uint_eq(obj->symbols[4].section, TG_OBJ_ABSOLUTE);
    ck_assert_uint_eq(obj->group_count, 1);
    ck_assert_str_eq(obj->symbols[obj->groups[0].signature].name, "start");
    ck_assert(obj->groups[0].is_comdat);
    tg_obj_destroy(obj);
    free(bytes);
}
END_TEST

static void make_executable(struct tg_obj *obj)
{
    obj->type = ET_EXEC;
    obj->entry = 0x1000;
    obj->segments = tg_obj_alloc(obj, 2 * sizeof *obj->segments);
    obj->segment_count = 2;
    obj->segments[0] = (struct tg_obj_segment){
        .type = PT_LOAD, .flags = PF_R | PF_X, .vaddr = 0x1000, .paddr = 0x1000, .align = 4096};
    obj->segments[1] = (struct tg_obj_segment){
        .type = PT_LOAD, .flags = PF_R | PF_W, .vaddr = 0x2000, .paddr = 0x8000, .align = 16};
    obj->sections[1].address = 0x1000;
    obj->sections[1].segment = 1;
    obj->sections[1].group = 0;
    obj->sections[1].reloc_count = 0;
    obj->sections[2].address = 0x2000;
    obj->sections[3].address = 0x2010;
    obj->sections[2].segment = obj->sections[3].segment = 2;
    obj->group_count = 0;
}

START_TEST(an_executable_has_its_segments)
{
    struct tg_obj *obj = make_sample();
    size_t size = 0;
    uint8_t *bytes;

    make_executable(obj);
    bytes = write_sample(obj, &size);
    obj = read_back(bytes, size);
    ck_assert_uint_eq(obj->entry, 0x1000);
    ck_assert_uint_eq(obj->segment_count, 2);
    ck_assert_uint_eq(obj->segments[0].file_bytes, 64);
    ck_assert_uint_eq(obj->segments[1].file_bytes, 4);
    ck_assert_uint_eq(obj->segments[1].memory_bytes, 0x10 + 1000);
    ck_assert_uint_eq(obj->segments[1].paddr, 0x8000);
    ck_assert_int_eq(memcmp(obj->segments[1].bytes, "\1\2\3\4", 4), 0);
    ck_assert_uint_eq(obj->sections[1].segment, 1);
    ck_assert_uint_eq(obj->sections[3].segment, 2);
    tg_obj_destroy(obj);
    free(bytes);
}
END_TEST

START_TEST(an_error_is_one_line_whatever_names_a_file_has)
{
    static const uint8_t bytes[4] = "no\n";
    struct tg_error error = {""};
    struct tg_obj *obj = NULL;

    ck_assert_int_eq(tg_obj_read(bytes, sizeof bytes, "a\nb\x1b[2J", EM_TG32, &obj, &error),
                     TG_E_FORMAT);
    ck_assert_str_eq(error.text, "a?b?[2J: not an object file: it is no ELF file");
}
END_TEST

START_TEST(a_program_header_table_is_aligned)
{
    size_t size = 0;
    struct tg_obj *obj = make_sample();
    uint8_t *bytes = write_sample(obj, &size);
    Elf32_Ehdr header;
    struct tg_error error = {""};

    memcpy(&header, bytes, sizeof header);
    header.e_phoff = 0x36;
    header.e_phnum = 1;
    header.e_phentsize = sizeof(Elf32_Phdr);
    memcpy(bytes, &header, sizeof header);
    obj = NULL;
    ck_assert_int_eq(tg_obj_read(bytes, size, "a", EM_TG32, &obj, &error), TG_E_FORMAT);
    ck_assert_ptr_nonnull(strstr(error.text, "program header table must begin at a multiple of 4"));
    free(bytes);
}
END_TEST

START_TEST(symbols_of_sections_are_local)
{
    size_t size = 0, found = 0;
    uint8_t *bytes = write_sample(make_sample(), &size);
    struct tg_error error = {""};
    struct tg_obj *obj = NULL;
    Elf32_Sym symbol;

    for (size_t i = 0; i + sizeof symbol <= size; i += 4) {
        memcpy(&symbol, bytes + i, sizeof symbol);
        if (symbol.st_size != 64 || symbol.st_info != ELF32_ST_INFO(STB_GLOBAL, STT_FUNC))
            continue;
        symbol.st_info = ELF32_ST_INFO(STB_GLOBAL, STT_SECTION);
        memcpy(bytes + i, &symbol, sizeof symbol);
        found++;
    }
    ck_assert_uint_eq(found, 1);
    ck_assert_int_eq(tg_obj_read(bytes, size, "a", EM_TG32, &obj, &error), TG_E_FORMAT);
    ck_assert_ptr_nonnull(strstr(error.text, "the symbol of a section is not local"));
    free(bytes);
}
END_TEST

START_TEST(a_wrong_object_is_not_written)
{
    struct tg_obj *obj = make_sample();
    struct tg_error error = {""};
    uint8_t *bytes = NULL;
    size_t size = 0;

    obj->symbols[1].section = 99;
    ck_assert_int_eq(tg_obj_write(obj, &bytes, &size, &error), TG_E_ARGUMENT);
    ck_assert_ptr_null(bytes);
    tg_obj_destroy(obj);
}
END_TEST

static void use_section(const struct tg_obj *obj, const struct tg_obj_section *section)
{
    volatile uint8_t last = 0;

    if (section->bytes && section->size_bytes)
        last = section->bytes[section->size_bytes - 1];
    (void)last;
    for (size_t k = 0; k < section->reloc_count; k++) {
        const struct tg_obj_reloc *reloc = &section->relocs[k];
        const struct tg_reloc_info *info = tg_reloc_info(reloc->kind);

        ck_assert_ptr_nonnull(info);
        ck_assert_uint_lt(reloc->symbol, obj->symbol_count);
        if (info->bytes)
            tg_reloc_apply(info, 0, section->bytes + reloc->offset);
    }
}

/* Reads bytes that may be anything; all that matters is that reading ends and keeps its promises.
 */
static void read_hostile(const uint8_t *bytes, size_t size)
{
    struct tg_error error = {""};
    struct tg_obj *obj = NULL;

    if (tg_obj_read(bytes, size, "hostile.o", EM_TG32, &obj, &error) != TG_OK) {
        ck_assert_ptr_null(obj);
        ck_assert_int_eq(strncmp(error.text, "hostile.o: ", 11), 0);
        return;
    }
    for (size_t i = 1; i < obj->section_count; i++)
        use_section(obj, &obj->sections[i]);
    for (size_t i = 1; i < obj->symbol_count; i++)
        ck_assert_uint_lt(strlen(obj->symbols[i].name), size);
    tg_obj_destroy(obj);
}

START_TEST(damaged_objects_do_no_harm)
{
    size_t size = 0;
    uint8_t *bytes = write_sample(make_sample(), &size), *damaged = malloc(size);
    uint32_t random = 1;

    for (size_t cut = 0; cut < size; cut++) {
        memcpy(damaged, bytes, cut);
        read_hostile(damaged, cut);
    }
    for (int round = 0; round < 50000; round++) {
        memcpy(damaged, bytes, size);
        for (int k = 0; k <= round % 4; k++)
            damaged[random_word(&random) % size] =
                random_word(&random) % 3 ? (uint8_t)random_word(&random) : 0xff;
        read_hostile(damaged, size);
    }
    free(damaged);
    free(bytes);
}
END_TEST

/* An archive as ar writes it, of members with short names. */
static size_t make_archive(uint8_t *to, const char *const *names, const uint8_t *bytes, size_t size)
{
    size_t used = (size_t)sprintf((char *)to, "!<arch>\n");

    for (; *names; names++) {
        used += (size_t)sprintf((char *)to + used, "%-16s%-12d%-6d%-6d%-8o%-10zu`\n", *names, 0, 0,
                                0, 0644u, size);
        memcpy(to + used, bytes, size);
        used += size;
        if (used % 2)
            to[used++] = '\n';
    }
    return used;
}

START_TEST(archives_have_their_members)
{
    static const char *const names[] = {"one.o/", "two.o/", NULL};
    static uint8_t file[16384];
    size_t size = 0;
    uint8_t *bytes = write_sample(make_sample(), &size);
    size_t archive_size = make_archive(file, names, bytes, size);
    struct tg_archive *archive = NULL;
    struct tg_error error = {""};
    struct tg_obj *obj;

    ck_assert(tg_archive_is(file, archive_size));
    ck_assert(!tg_archive_is(bytes, size));
    ck_assert_int_eq(tg_archive_read(file, archive_size, "a.a", &archive, &error), TG_OK);
    ck_assert_uint_eq(archive->count, 2);
    ck_assert_str_eq(archive->members[1].name, "two.o");
    ck_assert_uint_eq(archive->members[1].size_bytes, size);
    obj = read_back(archive->members[1].bytes, archive->members[1].size_bytes);
    tg_obj_destroy(obj);
    tg_archive_destroy(archive);
    free(bytes);
}
END_TEST

START_TEST(damaged_archives_do_no_harm)
{
    static const char *const names[] = {"one.o/", "two.o/", NULL};
    static uint8_t file[4096], damaged[4096];
    size_t size = make_archive(file, names, (const uint8_t *)"contents of a file", 18);
    uint32_t random = 7;

    for (int round = 0; round < 20000; round++) {
        struct tg_archive *archive = NULL;
        size_t cut = round < (int)size ? (size_t)round : size;

        memcpy(damaged, file, size);
        for (int k = 0; k < 3; k++)
            damaged[random_word(&random) % size] = (uint8_t)random_word(&random);
        if (tg_archive_read(damaged, cut, "a.a", &archive, NULL) != TG_OK)
            continue;
        for (size_t i = 0; i < archive->count; i++)
            ck_assert_uint_le(archive->members[i].size_bytes, size);
        tg_archive_destroy(archive);
    }
}
END_TEST

START_TEST(refusals_say_what_was_found)
{
    size_t size = 0;
    uint8_t *bytes = write_sample(make_sample(), &size);
    struct tg_obj *obj = NULL;
    struct tg_error error = {""};

    bytes[18] = EM_RISCV;
    bytes[19] = 0;
    ck_assert_int_eq(tg_obj_read(bytes, size, "a.o", EM_TG32, &obj, &error), TG_E_FORMAT);
    ck_assert_str_eq(error.text, "a.o: expected an object for TG32, found one for machine 0xf3 "
                                 "(RISC-V); tg-retarget turns it into one for TG32");
    ck_assert_int_eq(tg_obj_read("hello", 5, "a.o", EM_TG32, &obj, &error), TG_E_FORMAT);
    ck_assert_str_eq(error.text, "a.o: not an object file: it is no ELF file");
    free(bytes);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("assembler object");
    TCase *cases = tcase_create("object");
    SRunner *runner = srunner_create(suite);
    int failed;

    suite_add_tcase(suite, cases);
    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, an_object_is_read_as_it_was_written);
    tcase_add_test(cases, an_executable_has_its_segments);
    tcase_add_test(cases, an_error_is_one_line_whatever_names_a_file_has);
    tcase_add_test(cases, a_program_header_table_is_aligned);
    tcase_add_test(cases, symbols_of_sections_are_local);
    tcase_add_test(cases, a_wrong_object_is_not_written);
    tcase_add_test(cases, damaged_objects_do_no_harm);
    tcase_add_test(cases, archives_have_their_members);
    tcase_add_test(cases, damaged_archives_do_no_harm);
    tcase_add_test(cases, refusals_say_what_was_found);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
