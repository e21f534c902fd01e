/* Tests of the object rewriter (assembler/retarget, docs/isa.md RV-1 to RV-4): what an instruction,
 * a relocation, data among code and a whole file become, and that what cannot become anything is
 * told. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "isa/rv32.h"
#include "object/archive.h"
#include "retarget/retarget.h"

#define NOP      UINT32_C(0x00000013)
#define RET      UINT32_C(0x00008067)
#define LUI      UINT32_C(0x00000537) /* lui a0, 0 */
#define ADDI     UINT32_C(0x00050513) /* addi a0, a0, 0 */
#define SW       UINT32_C(0x00b52023) /* sw a1, 0(a0) */
#define JAL      UINT32_C(0x000000ef)
#define BEQ      UINT32_C(0x00050063)
#define AUIPC_RA UINT32_C(0x00000097)
#define JALR_RA  UINT32_C(0x000080e7)

enum {
    ROOM_WORDS = 128,
    R_BRANCH = 16,
    R_JAL = 17,
    R_CALL = 18,
    R_CALL_PLT = 19,
    R_HI20 = 26,
    R_LO12_I = 27,
    R_LO12_S = 28,
    R_32 = 1,
    R_ADD16 = 34,
    R_ADD32 = 35,
    R_SUB16 = 38,
    R_SUB32 = 39,
    R_ALIGN = 43,
    R_RELAX = 51,
    R_SUB6 = 52,
    R_SET6 = 53,
    R_GOT_HI20 = 20
};

/* An object with one code section, which is section 1, and what rewriting it says. */
struct bench {
    struct tg_obj *obj;
    uint8_t bytes[ROOM_WORDS * 4];
    struct tg_obj_reloc relocs[16];
    char told[8192];
    size_t count;
};

static void listen(void *context, const char *line)
{
    struct bench *b = context;
    size_t used = strlen(b->told);

    snprintf(b->told + used, sizeof b->told - used, "%s\n", line);
}

static void start(struct bench *b, const uint32_t *words, uint32_t count)
{
    memset(b, 0, sizeof *b);
    b->obj = tg_obj_create("x.o");
    ck_assert_ptr_nonnull(b->obj);
    b->obj->machine = EM_RISCV;
    for (uint32_t i = 0; i < count; i++)
        tg_put_word(b->bytes + 4 * i, words[i]);
    ck_assert_uint_eq(
        tg_obj_add_section(b->obj, &(struct tg_obj_section){.name = ".text",
                                                            .type = SHT_PROGBITS,
                                                            .flags = SHF_ALLOC | SHF_EXECINSTR,
                                                            .align = 4,
                                                            .size_bytes = 4 * count,
                                                            .bytes = b->bytes,
                                                            .relocs = b->relocs}),
        1);
}

static void add_symbol(struct bench *b, const char *name, uint32_t value, uint8_t type,
                       uint32_t size)
{
    ck_assert_uint_ne(tg_obj_add_symbol(b->obj, &(struct tg_obj_symbol){.name = name,
                                                                        .value = value,
                                                                        .size_bytes = size,
                                                                        .section = 1,
                                                                        .type = type}),
                      0);
}

static void add_reloc(struct bench *b, uint32_t offset, uint32_t kind)
{
    struct tg_obj_section *section = &b->obj->sections[1];

    section->relocs[section->reloc_count++] = (struct tg_obj_reloc){offset, kind, 0, 8};
}

static void rewrite(struct bench *b)
{
    b->count = tg_retarget_object(b->obj, &(struct tg_retarget_options){listen, b, false});
}

/* Everything was mapped, and nothing said. */
static void rewrite_well(struct bench *b)
{
    rewrite(b);
    ck_assert_str_eq(b->told, "");
    ck_assert_uint_eq(b->count, 0);
    ck_assert_uint_eq(b->obj->machine, EM_TG32);
}

static void finish(struct bench *b)
{
    tg_obj_destroy(b->obj);
}

static uint32_t word_of(const struct bench *b, uint32_t index)
{
    return tg_get_word(b->bytes + 4 * index);
}

static uint32_t translated(uint32_t word)
{
    uint32_t result = 0;

    ck_assert_int_eq(tg_rv32_translate_word(word, &result), TG_RV32_OK);
    return result;
}

/* --- Instructions -------------------------------------------------------------------------------
 */

START_TEST(each_instruction_of_the_table_is_mapped_in_its_place)
{
    struct bench b;
    uint32_t words[ROOM_WORDS];
    uint32_t count = 0;

    for (; tg_rv32_info(count); count++)
        words[count] = tg_rv32_info(count)->match;
    ck_assert_uint_gt(count, 50);
    start(&b, words, count);
    rewrite_well(&b);
    for (uint32_t i = 0; i < count; i++)
        ck_assert_uint_eq(word_of(&b, i), translated(words[i]));
    finish(&b);
}
END_TEST

START_TEST(custom_words_become_the_machines_own_instructions)
{
    const uint32_t words[] = {0x0000400b /* wfi */, 0x0080152b /* rdcr a0, 8 */};
    struct bench b;

    start(&b, words, 2);
    rewrite_well(&b);
    ck_assert_uint_eq(tg_decode(word_of(&b, 0)).id, TG_INSN_WFI);
    ck_assert_uint_eq(tg_decode(word_of(&b, 1)).id, TG_INSN_RDCR);
    ck_assert_int_eq(tg_decode(word_of(&b, 1)).imm, 8);
    finish(&b);
}
END_TEST

START_TEST(what_cannot_be_mapped_is_told_with_place_instruction_and_reason)
{
    static const struct {
        uint32_t word;
        const char *text;
    } cases[] = {
        {0x30001073, "x.o: .text+0x4: csrrw (0x30001073): cannot translate this instruction: it "
                     "accesses a RISC-V "},
        {0x00000073, "x.o: .text+0x4: ecall (0x00000073): cannot translate this instruction: ecall "
                     "has no gate"},
        {0x00c5f553, "x.o: .text+0x4: fadd.s (0x00c5f553): cannot translate this instruction: it "
                     "is floating-point"},
        {0x30200073, "x.o: .text+0x4: mret (0x30200073): cannot translate this instruction: it "
                     "belongs to RISC-V's "},
        {0x00004505,
         "x.o: .text+0x4: c.li (0x4505): cannot translate this instruction: it is compressed"},
        {0x00000363, "x.o: .text+0x4: beq (0x00000363): cannot translate this instruction: its "
                     "target is not a "},
        {0x0000007b, "x.o: .text+0x4: .insn 0x7b (0x0000007b): cannot translate this instruction: "
                     "this custom word"},
        {0x1234567f, "x.o: .text+0x4: unknown instruction (0x1234567f): cannot translate this "
                     "instruction: it is no "},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const uint32_t words[] = {NOP, cases[i].word, NOP};
        struct bench b;

        start(&b, words, 3);
        rewrite(&b);
        ck_assert_uint_eq(b.count, 1);
        ck_assert_msg(strncmp(b.told, cases[i].text, strlen(cases[i].text)) == 0, "told: %s",
                      b.told);
        finish(&b);
    }
}
END_TEST

START_TEST(all_complaints_of_an_object_are_told)
{
    const uint32_t words[] = {0x30001073, NOP, 0x00000073};
    struct bench b;

    start(&b, words, 3);
    add_reloc(&b, 4, R_GOT_HI20);
    add_reloc(&b, 4, 250);
    rewrite(&b);
    ck_assert_uint_eq(b.count, 4);
    ck_assert_ptr_nonnull(strstr(b.told, ".text+0x8: ecall"));
    ck_assert_ptr_nonnull(strstr(
        b.told, ".text+0x4: relocation R_RISCV_GOT_HI20: it belongs to position-independent"));
    ck_assert_ptr_nonnull(strstr(b.told, ".text+0x4: relocation of unknown kind 250"));
    finish(&b);
}
END_TEST

START_TEST(other_calling_conventions_and_linked_programs_are_refused)
{
    static const struct {
        uint32_t flags;
        uint16_t type;
        const char *text;
    } cases[] = {{0x2, ET_REL, "-mabi=ilp32"},
                 {0x4, ET_REL, "-mabi=ilp32"},
                 {0x8, ET_REL, "16 registers"},
                 {0, ET_EXEC, "linked program"}};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const uint32_t words[] = {NOP};
        struct bench b;

        start(&b, words, 1);
        b.obj->flags = cases[i].flags;
        b.obj->type = cases[i].type;
        rewrite(&b);
        ck_assert_uint_eq(b.count, 1);
        ck_assert_ptr_nonnull(strstr(b.told, cases[i].text));
        finish(&b);
    }
}
END_TEST

/* --- Data among instructions --------------------------------------------------------------------
 */

START_TEST(data_marked_by_mapping_symbols_stays)
{
    const uint32_t words[] = {RET, NOP, 0x30001073, NOP, RET};
    struct bench b;

    start(&b, words, 5);
    add_symbol(&b, "$xrv32i2p1_m2p0", 0, STT_NOTYPE, 0);
    add_symbol(&b, "$d", 4, STT_NOTYPE, 0);
    add_symbol(&b, "$x", 16, STT_NOTYPE, 0);
    rewrite_well(&b);
    for (uint32_t i = 1; i < 4; i++)
        ck_assert_uint_eq(word_of(&b, i), words[i]);
    ck_assert_uint_eq(word_of(&b, 0), translated(RET));
    ck_assert_uint_eq(word_of(&b, 4), translated(RET));
    ck_assert_str_eq(b.obj->symbols[1].name, "$x");
    finish(&b);
}
END_TEST

START_TEST(the_last_of_two_mapping_symbols_at_a_place_counts)
{
    const uint32_t words[] = {NOP, NOP};
    struct bench b;

    start(&b, words, 2);
    add_symbol(&b, "$d", 4, STT_NOTYPE, 0);
    add_symbol(&b, "$x", 4, STT_NOTYPE, 0);
    rewrite_well(&b);
    ck_assert_uint_eq(word_of(&b, 1), translated(NOP));
    finish(&b);
}
END_TEST

START_TEST(data_of_object_symbols_and_of_relocations_stays)
{
    const uint32_t words[] = {RET, NOP, NOP, NOP, RET};
    struct bench b;

    start(&b, words, 5);
    add_symbol(&b, "table", 4, STT_OBJECT, 8);
    add_reloc(&b, 12, R_32);
    rewrite_well(&b);
    for (uint32_t i = 1; i < 4; i++)
        ck_assert_uint_eq(word_of(&b, i), NOP);
    ck_assert_uint_eq(word_of(&b, 4), translated(RET));
    ck_assert_uint_eq(b.obj->sections[1].relocs[0].kind, TG_R_32);
    finish(&b);
}
END_TEST

START_TEST(padding_that_no_cpu_executes_stays)
{
    const uint32_t words[] = {RET, 0, UINT32_MAX};
    struct bench b;

    start(&b, words, 3);
    rewrite_well(&b);
    ck_assert_uint_eq(word_of(&b, 1), 0);
    ck_assert_uint_eq(word_of(&b, 2), UINT32_MAX);
    finish(&b);
}
END_TEST

START_TEST(a_part_of_an_instruction_is_refused)
{
    const uint32_t words[] = {RET, NOP};
    struct bench b;

    start(&b, words, 2);
    b.obj->sections[1].size_bytes = 6;
    rewrite(&b);
    ck_assert_uint_eq(b.count, 1);
    ck_assert_ptr_nonnull(
        strstr(b.told, "x.o: .text+0x4: 2 bytes that are neither a whole instruction nor"));
    finish(&b);
}
END_TEST

START_TEST(sections_without_instructions_stay_as_they_are)
{
    const uint32_t words[] = {0x30001073, NOP};
    struct bench b;

    start(&b, words, 2);
    b.obj->sections[1].flags = SHF_ALLOC;
    add_reloc(&b, 4, R_ADD32);
    rewrite_well(&b);
    ck_assert_uint_eq(word_of(&b, 0), words[0]);
    ck_assert_uint_eq(b.obj->sections[1].relocs[0].kind, TG_R_ADD32);
    finish(&b);
}
END_TEST

/* --- Relocations --------------------------------------------------------------------------------
 */

START_TEST(relocations_keep_place_symbol_and_addend)
{
    const uint32_t words[] = {AUIPC_RA, JALR_RA, LUI, ADDI, SW, JAL, BEQ};
    const uint32_t kinds[][3] = {{0, R_CALL_PLT, TG_R_CALL}, {8, R_HI20, TG_R_HI20},
                                 {12, R_LO12_I, TG_R_LO12},  {16, R_LO12_S, TG_R_LO12},
                                 {20, R_JAL, TG_R_JAL},      {24, R_BRANCH, TG_R_BRANCH}};
    struct bench b;

    start(&b, words, 7);
    for (size_t i = 0; i < 6; i++)
        add_reloc(&b, kinds[i][0], kinds[i][1]);
    rewrite_well(&b);
    ck_assert_uint_eq(b.obj->sections[1].reloc_count, 6);
    for (size_t i = 0; i < 6; i++) {
        ck_assert_uint_eq(b.obj->sections[1].relocs[i].offset, kinds[i][0]);
        ck_assert_uint_eq(b.obj->sections[1].relocs[i].kind, kinds[i][2]);
        ck_assert_int_eq(b.obj->sections[1].relocs[i].addend, 8);
    }
    finish(&b);
}
END_TEST

START_TEST(hints_for_shortening_code_go_away_but_for_padding)
{
    const uint32_t words[] = {NOP, NOP, LUI};
    struct bench b;

    start(&b, words, 3);
    add_reloc(&b, 0, R_ALIGN);
    add_reloc(&b, 8, R_HI20);
    add_reloc(&b, 8, R_RELAX);
    rewrite_well(&b);
    ck_assert_uint_eq(b.obj->sections[1].reloc_count, 2);
    ck_assert_uint_eq(b.obj->sections[1].relocs[0].kind, TG_R_ALIGN);
    ck_assert_uint_eq(b.obj->sections[1].relocs[1].kind, TG_R_HI20);
    finish(&b);
}
END_TEST

START_TEST(a_relocation_must_fit_its_instruction)
{
    static const uint32_t cases[][3] = {
        /* kind, first word, second word */
        {R_HI20, ADDI, NOP},     {R_LO12_I, LUI, NOP},           {R_LO12_S, BEQ, NOP},
        {R_JAL, BEQ, NOP},       {R_BRANCH, JAL, NOP},           {R_CALL, LUI, JALR_RA},
        {R_CALL, AUIPC_RA, NOP}, {R_CALL, AUIPC_RA, 0x000500e7}, {R_HI20, 0, NOP}};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bench b;

        start(&b, &cases[i][1], 2);
        add_reloc(&b, 0, cases[i][0]);
        rewrite(&b);
        ck_assert_uint_eq(b.count, 1);
        ck_assert_ptr_nonnull(
            strstr(b.told, "there is no instruction there that could take its value"));
        finish(&b);
    }
}
END_TEST

START_TEST(a_relocation_must_lie_in_the_section)
{
    const uint32_t words[] = {AUIPC_RA, JALR_RA};
    const uint32_t cases[][2] = {
        {4, R_CALL}, {8, R_32}, {5, R_32}, {0xfffffffc, R_32}, {8, R_HI20}};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bench b;

        start(&b, words, 2);
        add_reloc(&b, cases[i][0], cases[i][1]);
        rewrite(&b);
        ck_assert_uint_ge(b.count, 1);
        ck_assert_ptr_nonnull(strstr(b.told, "its place is beyond the end of the section"));
        finish(&b);
    }
}
END_TEST

START_TEST(every_kind_is_mapped_or_told)
{
    for (uint32_t kind = 0; kind < 256; kind++) {
        const uint32_t words[] = {AUIPC_RA, JALR_RA};
        enum tg_reloc_kind mapped;
        struct bench b;

        start(&b, words, 2);
        add_reloc(&b, 0, kind);
        rewrite(&b);
        if (!tg_reloc_from_rv32(kind, &mapped))
            ck_assert_ptr_nonnull(strstr(b.told, "x.o: .text+0x0: relocation"));
        else if (b.obj->sections[1].reloc_count == 1)
            ck_assert_uint_eq(b.obj->sections[1].relocs[0].kind, mapped);
        finish(&b);
    }
}
END_TEST

/* --- Objects and archives -----------------------------------------------------------------------
 */

/* --- Differences between labels -----------------------------------------------------------------
 */

/* Code of eight words, and section 2 of data with eight bytes of 0x41, with symbols 1 at 4 and 2 at
 * 20 of the code. */
struct difference_bench {
    struct bench b;
    uint8_t data[8];
    struct tg_obj_reloc relocs[4];
};

static void start_differences(struct difference_bench *d)
{
    const uint32_t words[] = {NOP, NOP, NOP, NOP, NOP, NOP, NOP, RET};

    memset(d, 0, sizeof *d);
    memset(d->data, 0x41, sizeof d->data);
    start(&d->b, words, 8);
    ck_assert_uint_eq(tg_obj_add_section(d->b.obj, &(struct tg_obj_section){.name = ".rodata",
                                                                            .type = SHT_PROGBITS,
                                                                            .flags = SHF_ALLOC,
                                                                            .align = 1,
                                                                            .size_bytes = 8,
                                                                            .bytes = d->data,
                                                                            .relocs = d->relocs}),
                      2);
    add_symbol(&d->b, "from", 4, STT_NOTYPE, 0);
    add_symbol(&d->b, ".Lto", 20, STT_NOTYPE, 0);
}

/* The difference .Lto - from, or with addends, at a place of the data. */
static void add_difference(struct difference_bench *d, uint32_t offset, uint32_t plus,
                           uint32_t minus)
{
    struct tg_obj_section *section = &d->b.obj->sections[2];

    section->relocs[section->reloc_count++] = (struct tg_obj_reloc){offset, plus, 2, 2};
    section->relocs[section->reloc_count++] = (struct tg_obj_reloc){offset, minus, 1, 0};
}

START_TEST(differences_that_no_linker_changes_are_calculated)
{
    struct difference_bench d;

    start_differences(&d);
    add_difference(&d, 0, R_ADD32, R_SUB32);
    add_difference(&d, 6, R_SET6, R_SUB6);
    rewrite_well(&d.b);
    ck_assert_uint_eq(d.b.obj->sections[2].reloc_count, 0);
    ck_assert_uint_eq(tg_get_word(d.data), 0x41414141 + 18);
    ck_assert_uint_eq(tg_get_word(d.data + 4), 0x41004141 | (0x40 | 18) << 16);
    /* The label that was there for this alone is gone. */
    ck_assert_uint_eq(d.b.obj->symbol_count, 2);
    ck_assert_str_eq(d.b.obj->symbols[1].name, "from");
    finish(&d.b);
}
END_TEST

START_TEST(differences_across_padding_are_the_linkers)
{
    struct difference_bench d;
    struct tg_obj_section *data;

    start_differences(&d);
    add_reloc(&d.b, 12, R_ALIGN);
    d.b.obj->sections[1].relocs[0].addend = 4;
    add_difference(&d, 1, R_ADD16, R_SUB16);
    rewrite_well(&d.b);
    data = &d.b.obj->sections[2];
    ck_assert_uint_eq(data->reloc_count, 2);
    /* What the place held is in the addend now, so that it can say what is known so far. */
    ck_assert_uint_eq(data->relocs[0].kind, TG_R_SET16);
    ck_assert_int_eq(data->relocs[0].addend, 2 + 0x4141);
    ck_assert_uint_eq(data->relocs[1].kind, TG_R_SUB16);
    ck_assert_uint_eq(tg_get_word(d.data + 1), 0x41414141 + 18);
    ck_assert_uint_eq(d.b.obj->symbol_count, 3);
    finish(&d.b);
}
END_TEST

START_TEST(padding_elsewhere_does_not_matter)
{
    const uint32_t places[] = {0, 20, 24};

    for (size_t i = 0; i < 3; i++) {
        struct difference_bench d;

        start_differences(&d);
        add_reloc(&d.b, places[i], R_ALIGN);
        d.b.obj->sections[1].relocs[0].addend = 4;
        add_difference(&d, 0, R_ADD32, R_SUB32);
        rewrite_well(&d.b);
        ck_assert_uint_eq(d.b.obj->sections[2].reloc_count, 0);
        finish(&d.b);
    }
}
END_TEST

START_TEST(differences_that_depend_on_other_objects_are_the_linkers)
{
    for (size_t i = 0; i < 5; i++) {
        struct difference_bench d;
        struct tg_obj_section *data;

        start_differences(&d);
        data = &d.b.obj->sections[2];
        add_difference(&d, 0, R_ADD32, R_SUB32);
        if (i == 0)
            d.b.obj->symbols[1].binding = STB_WEAK;
        else if (i == 1)
            d.b.obj->symbols[1].section = TG_OBJ_UNDEFINED;
        else if (i == 2)
            d.b.obj->symbols[1].section = 2;
        else if (i == 3)
            d.b.obj->sections[1].flags |= SHF_MERGE;
        else
            data->relocs[data->reloc_count++] = data->relocs[1];
        rewrite_well(&d.b);
        ck_assert_uint_eq(data->reloc_count, i == 4 ? 3 : 2);
        ck_assert_uint_eq(data->relocs[0].kind, TG_R_ADD32);
        ck_assert_uint_eq(tg_get_word(d.data), 0x41414141);
        finish(&d.b);
    }
}
END_TEST

START_TEST(sections_about_riscv_go_away_and_the_others_keep_their_meaning)
{
    const uint32_t words[] = {LUI};
    struct bench b;
    uint8_t attributes[4] = {'A'};

    start(&b, words, 1);
    tg_obj_add_section(b.obj, &(struct tg_obj_section){.name = ".riscv.attributes",
                                                       .type = 0x70000003,
                                                       .align = 1,
                                                       .bytes = attributes,
                                                       .size_bytes = 4});
    tg_obj_add_section(b.obj,
                       &(struct tg_obj_section){.name = ".data", .type = SHT_NOBITS, .align = 1});
    tg_obj_add_symbol(b.obj,
                      &(struct tg_obj_symbol){.name = "", .section = 2, .type = STT_SECTION});
    tg_obj_add_symbol(b.obj, &(struct tg_obj_symbol){.name = "L0 ", .section = 1});
    tg_obj_add_symbol(b.obj,
                      &(struct tg_obj_symbol){.name = "d", .section = 3, .binding = STB_GLOBAL});
    add_reloc(&b, 0, R_HI20);
    b.obj->sections[1].relocs[0].symbol = 3;
    rewrite_well(&b);
    ck_assert_uint_eq(b.obj->section_count, 3);
    ck_assert_str_eq(b.obj->sections[2].name, ".data");
    ck_assert_uint_eq(b.obj->symbol_count, 3);
    ck_assert_str_eq(b.obj->symbols[1].name, "L0_");
    ck_assert_str_eq(b.obj->symbols[2].name, "d");
    ck_assert_uint_eq(b.obj->symbols[2].section, 2);
    ck_assert_uint_eq(b.obj->sections[1].relocs[0].symbol, 2);
    finish(&b);
}
END_TEST

START_TEST(without_debug_information_only_frame_tables_are_left)
{
    static const char *const names[] = {".debug_info", ".debug_frame", ".debug_macro", ".data"};
    const uint32_t words[] = {NOP};
    struct tg_obj_group groups[2] = {{1, true}, {2, true}};
    struct bench b;

    start(&b, words, 1);
    add_symbol(&b, "macros", 0, STT_NOTYPE, 0);
    add_symbol(&b, "data", 0, STT_NOTYPE, 0);
    b.obj->groups = groups;
    b.obj->group_count = 2;
    for (size_t i = 0; i < 4; i++)
        tg_obj_add_section(b.obj, &(struct tg_obj_section){.name = names[i],
                                                           .type = SHT_PROGBITS,
                                                           .align = 1,
                                                           .group = i == 2   ? 1
                                                                    : i == 3 ? 2
                                                                             : 0});
    b.obj->symbols[1].section = 4;
    ck_assert_uint_eq(tg_retarget_object(b.obj, &(struct tg_retarget_options){listen, &b, true}),
                      0);
    ck_assert_uint_eq(b.obj->section_count, 4);
    ck_assert_str_eq(b.obj->sections[2].name, ".debug_frame");
    ck_assert_str_eq(b.obj->sections[3].name, ".data");
    /* The group of .debug_macro is gone with it, and so is its signature. */
    ck_assert_uint_eq(b.obj->group_count, 1);
    ck_assert_uint_eq(b.obj->sections[3].group, 1);
    ck_assert_uint_eq(b.obj->symbol_count, 2);
    ck_assert_str_eq(b.obj->symbols[groups[0].signature].name, "data");
    finish(&b);
}
END_TEST

START_TEST(sections_of_riscvs_own_types_and_lto_are_refused)
{
    static const struct tg_obj_section sections[] = {
        {.name = ".own", .type = 0x70000009, .align = 1},
        {.name = ".gnu.lto_main", .type = SHT_PROGBITS, .align = 1},
    };

    for (size_t i = 0; i < 2; i++) {
        struct bench b;

        start(&b, NULL, 0);
        tg_obj_add_section(b.obj, &sections[i]);
        rewrite(&b);
        ck_assert_uint_eq(b.count, 1);
        ck_assert_ptr_nonnull(strstr(b.told, sections[i].name));
        finish(&b);
    }
}
END_TEST

/* The bytes of a RISC-V object, written without libelf's help to be sure of the machine number. */
static uint8_t *write_object(struct bench *b, size_t *ret_size)
{
    uint8_t *bytes;

    ck_assert_int_eq(tg_obj_write(b->obj, &bytes, ret_size, NULL), TG_OK);
    return bytes;
}

static uint8_t *make_archive(struct bench *b, size_t *ret_size)
{
    struct tg_archive_writer *writer = tg_archive_create();
    uint8_t *bytes;

    ck_assert_int_eq(tg_archive_add(writer, "short.o", b->obj, NULL), TG_OK);
    ck_assert_int_eq(tg_archive_add(writer, "a_name_that_is_too_long.o", b->obj, NULL), TG_OK);
    ck_assert_int_eq(tg_archive_finish(writer, "x.a", &bytes, ret_size, NULL), TG_OK);
    tg_archive_discard(writer);
    return bytes;
}

static void start_sample(struct bench *b)
{
    const uint32_t words[] = {AUIPC_RA, JALR_RA, LUI, RET};

    start(b, words, 4);
    add_symbol(b, "start", 0, STT_FUNC, 16);
    b->obj->symbols[1].binding = STB_GLOBAL;
    add_reloc(b, 0, R_CALL);
    b->obj->sections[1].relocs[0].symbol = 1;
}

START_TEST(members_of_an_archive_are_rewritten_in_order)
{
    struct bench b;
    struct tg_archive *archive;
    struct tg_obj *obj;
    size_t size, new_size;
    uint8_t *bytes, *new_bytes;

    start_sample(&b);
    bytes = make_archive(&b, &size);
    ck_assert_uint_eq(tg_retarget_file(bytes, size, "x.a",
                                       &(struct tg_retarget_options){listen, &b, false}, &new_bytes,
                                       &new_size),
                      0);
    ck_assert_int_eq(tg_archive_read(new_bytes, new_size, "y.a", &archive, NULL), TG_OK);
    ck_assert_uint_eq(archive->count, 2);
    ck_assert_str_eq(archive->members[0].name, "short.o");
    ck_assert_str_eq(archive->members[1].name, "a_name_that_is_too_long.o");
    ck_assert_int_eq(tg_obj_read(archive->members[1].bytes, archive->members[1].size_bytes, "m",
                                 EM_TG32, &obj, NULL),
                     TG_OK);
    ck_assert_uint_eq(tg_get_word(obj->sections[1].bytes + 12), translated(RET));
    tg_obj_destroy(obj);
    tg_archive_destroy(archive);
    free(bytes);
    free(new_bytes);
    finish(&b);
}
END_TEST

START_TEST(complaints_about_members_name_archive_and_member)
{
    struct bench b;
    size_t size, new_size;
    uint8_t *bytes, *new_bytes;

    start_sample(&b);
    tg_put_word(b.bytes + 12, 0x30001073);
    bytes = make_archive(&b, &size);
    ck_assert_uint_eq(tg_retarget_file(bytes, size, "x.a",
                                       &(struct tg_retarget_options){listen, &b, false}, &new_bytes,
                                       &new_size),
                      2);
    ck_assert_ptr_nonnull(strstr(b.told, "x.a(short.o): .text+0xc: csrrw"));
    ck_assert_ptr_nonnull(strstr(b.told, "x.a(a_name_that_is_too_long.o): .text+0xc: csrrw"));
    free(bytes);
    finish(&b);
}
END_TEST

/* Rewrites damaged bytes: whatever comes of it, nothing is lost and nothing crashes. */
static void rewrite_damaged(struct bench *b, const uint8_t *bytes, size_t size)
{
    uint8_t *new_bytes;
    size_t new_size;

    b->told[0] = '\0';
    if (tg_retarget_file(bytes, size, "x", &(struct tg_retarget_options){listen, b, false},
                         &new_bytes, &new_size) == 0)
        free(new_bytes);
    else
        ck_assert_str_ne(b->told, "");
}

START_TEST(damaged_files_do_no_harm)
{
    struct bench b;
    size_t size;
    uint8_t *bytes;

    start_sample(&b);
    bytes = _i == 0 ? write_object(&b, &size) : make_archive(&b, &size);
    for (size_t i = 0; i < size; i++)
        rewrite_damaged(&b, bytes, i);
    for (size_t i = 0; i < size; i++)
        for (unsigned change = 1; change < 256; change = change * 3 + 1) {
            bytes[i] = (uint8_t)(bytes[i] ^ change);
            rewrite_damaged(&b, bytes, size);
            bytes[i] = (uint8_t)(bytes[i] ^ change);
        }
    free(bytes);
    finish(&b);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("retarget");
    TCase *tests = tcase_create("all");
    SRunner *runner;
    int failed;

    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, each_instruction_of_the_table_is_mapped_in_its_place);
    tcase_add_test(tests, custom_words_become_the_machines_own_instructions);
    tcase_add_test(tests, what_cannot_be_mapped_is_told_with_place_instruction_and_reason);
    tcase_add_test(tests, all_complaints_of_an_object_are_told);
    tcase_add_test(tests, other_calling_conventions_and_linked_programs_are_refused);
    tcase_add_test(tests, data_marked_by_mapping_symbols_stays);
    tcase_add_test(tests, the_last_of_two_mapping_symbols_at_a_place_counts);
    tcase_add_test(tests, data_of_object_symbols_and_of_relocations_stays);
    tcase_add_test(tests, padding_that_no_cpu_executes_stays);
    tcase_add_test(tests, a_part_of_an_instruction_is_refused);
    tcase_add_test(tests, sections_without_instructions_stay_as_they_are);
    tcase_add_test(tests, relocations_keep_place_symbol_and_addend);
    tcase_add_test(tests, hints_for_shortening_code_go_away_but_for_padding);
    tcase_add_test(tests, a_relocation_must_fit_its_instruction);
    tcase_add_test(tests, a_relocation_must_lie_in_the_section);
    tcase_add_test(tests, every_kind_is_mapped_or_told);
    tcase_add_test(tests, differences_that_no_linker_changes_are_calculated);
    tcase_add_test(tests, differences_across_padding_are_the_linkers);
    tcase_add_test(tests, padding_elsewhere_does_not_matter);
    tcase_add_test(tests, differences_that_depend_on_other_objects_are_the_linkers);
    tcase_add_test(tests, sections_about_riscv_go_away_and_the_others_keep_their_meaning);
    tcase_add_test(tests, without_debug_information_only_frame_tables_are_left);
    tcase_add_test(tests, sections_of_riscvs_own_types_and_lto_are_refused);
    tcase_add_test(tests, members_of_an_archive_are_rewritten_in_order);
    tcase_add_test(tests, complaints_about_members_name_archive_and_member);
    tcase_add_loop_test(tests, damaged_files_do_no_harm, 0, 2);
    suite_add_tcase(suite, tests);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
