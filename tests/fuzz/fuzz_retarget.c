/* RISC-V objects and archives: any bytes are refused with texts of one line each, or become what
 * can be read as an object or archive for TG32. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "object/archive.h"
#include "retarget/retarget.h"

/* An object with code, data among it, relocations of many kinds, names as GNU as makes them. */
static struct tg_obj *make_object(void)
{
    static const uint32_t words[] = {0x00000097, 0x000080e7, /* call */
                                     0x00000537, 0x00050513, /* lui, addi */
                                     0x00000597, 0x0005a583, /* auipc, lw */
                                     0x00b52023, 0x00050063, 0x0000006f, 0x12345678,
                                     0x1005252f, 0x0080152b, 0x00008067, 0};
    static const struct tg_obj_reloc relocs[] = {{0, 19, 2, 0},  {0, 51, 0, 0},  {8, 26, 1, 4},
                                                 {12, 27, 1, 4}, {16, 23, 1, 0}, {20, 24, 3, 0},
                                                 {24, 28, 1, 0}, {28, 16, 2, 0}, {32, 17, 2, 0},
                                                 {36, 35, 1, 0}, {36, 39, 3, 0}, {52, 43, 0, 12}};
    static uint8_t bytes[sizeof words];
    static struct tg_obj_reloc copy[sizeof relocs / sizeof relocs[0]];
    struct tg_obj *obj = tg_obj_create("seed.o");

    if (!obj)
        fuzz_fail("no memory");
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        tg_put_word(bytes + 4 * i, words[i]);
    memcpy(copy, relocs, sizeof relocs);
    obj->machine = EM_RISCV;
    tg_obj_add_section(obj, &(struct tg_obj_section){.name = ".text",
                                                     .type = SHT_PROGBITS,
                                                     .flags = SHF_ALLOC | SHF_EXECINSTR,
                                                     .align = 4,
                                                     .size_bytes = sizeof bytes,
                                                     .bytes = bytes,
                                                     .relocs = copy,
                                                     .reloc_count = sizeof copy / sizeof copy[0]});
    tg_obj_add_section(obj, &(struct tg_obj_section){.name = ".riscv.attributes",
                                                     .type = 0x70000003,
                                                     .align = 1,
                                                     .size_bytes = 5,
                                                     .bytes = bytes});
    tg_obj_add_symbol(obj, &(struct tg_obj_symbol){.name = "start", .section = 1, .binding = 1});
    tg_obj_add_symbol(obj, &(struct tg_obj_symbol){.name = "elsewhere", .binding = 1});
    tg_obj_add_symbol(obj, &(struct tg_obj_symbol){.name = ".L0 ", .section = 1, .value = 16});
    tg_obj_add_symbol(obj, &(struct tg_obj_symbol){.name = "$d", .section = 1, .value = 36});
    tg_obj_add_symbol(obj, &(struct tg_obj_symbol){.name = "$xrv32i", .section = 1, .value = 40});
    tg_obj_add_symbol(obj, &(struct tg_obj_symbol){.name = "", .section = 2, .type = STT_SECTION});
    return obj;
}

size_t fuzz_seed(unsigned index, uint8_t *bytes)
{
    struct tg_obj *obj = make_object();
    struct tg_archive_writer *writer = tg_archive_create();
    uint8_t *made = NULL;
    size_t size = 0;

    if (index == 0)
        tg_obj_write(obj, &made, &size, NULL);
    if (index == 1 && tg_archive_add(writer, "member.o", obj, NULL) == TG_OK &&
        tg_archive_add(writer, "a_member_with_a_long_name.o", obj, NULL) == TG_OK)
        tg_archive_finish(writer, "seed.a", &made, &size, NULL);
    if (size > 0)
        memcpy(bytes, made, size);
    free(made);
    tg_archive_discard(writer);
    tg_obj_destroy(obj);
    return size;
}

static void listen(void *context, const char *line)
{
    size_t *count = context;

    if (line[0] == '\0' || strchr(line, '\n'))
        fuzz_fail("not one clear line: %s", line);
    ++*count;
}

static void check_object(const uint8_t *bytes, size_t size)
{
    struct tg_obj *obj;
    struct tg_error error = {""};

    if (tg_obj_read(bytes, size, "result", EM_TG32, &obj, &error) != TG_OK)
        fuzz_fail("the result is no object: %s", error.text);
    tg_obj_destroy(obj);
}

static void check_result(const uint8_t *bytes, size_t size)
{
    struct tg_archive *archive;
    struct tg_error error = {""};

    if (!tg_archive_is(bytes, size)) {
        check_object(bytes, size);
        return;
    }
    if (tg_archive_read(bytes, size, "result", &archive, &error) != TG_OK)
        fuzz_fail("the result is no archive: %s", error.text);
    for (size_t i = 0; i < archive->count; i++)
        check_object(archive->members[i].bytes, archive->members[i].size_bytes);
    tg_archive_destroy(archive);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    size_t told = 0, count, new_size;
    uint8_t *result;

    count = tg_retarget_file(bytes, size, "input",
                             &(struct tg_retarget_options){listen, &told, size % 2 != 0}, &result,
                             &new_size);
    if (count != told)
        fuzz_fail("%zu complaints, %zu told", count, told);
    if (count == 0) {
        check_result(result, new_size);
        free(result);
    }
    return 0;
}
