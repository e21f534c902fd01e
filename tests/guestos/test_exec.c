/* Tests of the process service: programs, their files, and ends in the middle of something. */
#include <string.h>

#include "family_world.h"
#include "isa/isa.h"
#include "services/process.h"

/* --- exec ------------------------------------------------------------------------------------ */

START_TEST(exec_gives_the_program_its_arguments)
{
    static const char arguments[] = "prog\0\0two words";
    struct guest *init = boot();
    ck_assert_int_eq(CALL(init, EXEC, (tp_word) "prog", (tp_word)arguments, sizeof arguments), 0);
    ck_assert_uint_eq(stack_word(init, init->sp), 3);
    ck_assert_str_eq(stack_text(init, stack_word(init, init->sp + 4)), "prog");
    ck_assert_str_eq(stack_text(init, stack_word(init, init->sp + 8)), "");
    ck_assert_str_eq(stack_text(init, stack_word(init, init->sp + 12)), "two words");
    ck_assert_uint_eq(stack_word(init, init->sp + 16), 0);
    ck_assert_str_eq(init->name, "prog");
    ck_assert_uint_eq(fake.open_files, 0);
    ck_assert_int_eq(CALL(init, EXEC, (tp_word) "prog", (tp_word)arguments, 0), 0);
    ck_assert_uint_eq(stack_word(init, init->sp), 0);
}
END_TEST

START_TEST(a_failed_exec_leaves_the_old_program)
{
    static char many[TP_ARGUMENT_BYTES + 1], path[2 * TP_PATH_BYTES];
    struct guest *init = boot();
    struct image bad = *good_image();
    memset(path, 'p', sizeof path - 1);
    init->pc = 0x77;
    ck_assert_int_eq(CALL(init, EXEC, (tp_word) "none", (tp_word) "", 0), -TP_ENOENT);
    ck_assert_int_eq(CALL(init, EXEC, (tp_word)path, (tp_word) "", 0), -TP_ENAMETOOLONG);
    ck_assert_int_eq(CALL(init, EXEC, (tp_word) "prog", (tp_word)many, sizeof many), -TP_E2BIG);
    ck_assert_int_eq(CALL(init, EXEC, (tp_word) "prog", (tp_word)many, TP_ARGUMENT_COUNT + 1),
                     -TP_E2BIG);
    ck_assert_int_eq(CALL(init, EXEC, (tp_word) "prog", (tp_word) "ab", 2), -TP_EINVAL);
    fake.memory_error = -TP_ENOMEM;
    ck_assert_int_eq(CALL(init, EXEC, (tp_word) "prog", (tp_word) "", 0), -TP_ENOMEM);
    set_program(&bad, sizeof bad - 1); /* its last segment is not all there */
    ck_assert_int_eq(CALL(init, EXEC, (tp_word) "prog", (tp_word) "", 0), -TP_ENOEXEC);
    bad.machine = 243;
    ck_assert_int_eq(CALL(init, EXEC, (tp_word) "prog", (tp_word) "", 0), -TP_ENOEXEC);
    ck_assert_uint_eq(init->pc, 0x77);
    ck_assert(init->runs && !init->has_new_memory);
    ck_assert_uint_eq(fake.open_files, 0);
}
END_TEST

/* --- Ends in the middle of something --------------------------------------------------------- */

/* A child of init that is in a call whose first step with another service is not answered. */
static struct guest *in_the_middle(struct guest *init, enum tp_call call)
{
    struct guest *child = fork_of(init);
    fake.is_late = true;
    begin_call(child, call, (const tp_word[TP_ARGUMENTS]){(tp_word) "prog", (tp_word) "", 0});
    settle();
    ck_assert_uint_eq(fake.late_count, 1);
    return child;
}

START_TEST(killed_in_its_fork_a_process_leaves_an_orphan)
{
    struct guest *init = boot(), *parent = in_the_middle(init, TP_CALL_FORK);
    struct guest *child = guest_with(parent->pid + 1);
    ck_assert_int_eq(CALL(init, KILL, (tp_word)parent->pid, TP_SIGKILL), 0);
    ck_assert(parent->has_memory); /* not before its fork is done */
    answer_all();
    ck_assert(!parent->has_memory && child->runs);
    ck_assert_int_eq(CALL(child, GETPPID, 0), 1);
}
END_TEST

START_TEST(killed_before_it_runs_a_child_never_runs)
{
    struct guest *init = boot(), *parent = in_the_middle(init, TP_CALL_FORK);
    int32_t pid = parent->pid + 1;
    struct guest *child = guest_with(pid);
    ck_assert_int_eq(CALL(init, KILL, (tp_word)pid, TP_SIGTERM), 0);
    ck_assert_int_eq(CALL(init, KILL, (tp_word)pid, TP_SIGKILL), 0); /* too late */
    answer_all();
    ck_assert(!child->runs && !child->has_memory && !child->has_files);
    ck_assert_int_eq(end_call(parent), pid);
    ck_assert_int_eq(wait_for(parent, ANY, 0), pid);
    ck_assert_uint_eq(parent->status, TP_STATUS_SIGNAL(TP_SIGTERM));
}
END_TEST

START_TEST(killed_before_it_is_made_a_child_can_still_fail)
{
    struct guest *init = boot(), *parent = in_the_middle(init, TP_CALL_FORK);
    ck_assert_int_eq(CALL(init, KILL, (tp_word)(parent->pid + 1), TP_SIGTERM), 0);
    fake.memory_error = -TP_ENOMEM;
    answer_all();
    ck_assert_int_eq(end_call(parent), -TP_ENOMEM);
    ck_assert_int_eq(wait_for(parent, ANY, 0), -TP_ECHILD);
}
END_TEST

START_TEST(killed_in_its_exec_a_process_ends_at_each_step)
{
    struct guest *init = boot();
    for (unsigned steps = 0;; steps++) {
        struct guest *child = in_the_middle(init, TP_CALL_EXEC);
        int32_t pid = child->pid;
        for (unsigned i = 0; i < steps && fake.late_count; i++) {
            answer_late(0);
            settle();
        }
        bool is_done = child->call->is_answered;
        ck_assert_int_eq(CALL(init, KILL, (tp_word)pid, TP_SIGKILL), 0);
        answer_all();
        ck_assert(!child->has_memory && !child->has_new_memory && !child->has_files);
        ck_assert_int_eq(wait_for(init, ANY, 0), pid);
        check_only_init();
        if (is_done)
            break;
        ck_assert_uint_lt(steps, 100);
    }
}
END_TEST

START_TEST(the_end_waits_for_all_its_steps)
{
    struct guest *init = boot(), *child = in_the_middle(init, TP_CALL_EXIT);
    int32_t pid = child->pid;
    ck_assert_int_eq(CALL(init, KILL, (tp_word)pid, TP_SIGKILL), 0);
    ck_assert_int_eq(wait_for(init, ANY, TP_WAIT_NOHANG), 0);
    BEGIN(init, WAIT, ANY, (tp_word)&init->status, 0);
    answer_all();
    ck_assert_int_eq(end_call(init), pid);
    ck_assert_uint_eq(init->status & 0x7f, 0); /* the exit came first, kill changed nothing */
}
END_TEST

/* --- Program files --------------------------------------------------------------------------- */

/* Changes of a good file that make it none. */
START_TEST(each_field_of_a_program_is_checked)
{
    static const struct {
        size_t offset, bytes;
        uint32_t value;
    } rows[] = {
#define FIELD(name, value) {offsetof(struct image, name), sizeof((struct image *)0)->name, value}
        FIELD(ident[0], 0x7e),
        FIELD(ident[4], 2),
        FIELD(ident[5], 2),
        FIELD(ident[6], 0),
        FIELD(ident[7], 3),
        FIELD(type, 1),
        FIELD(machine, 243),
        FIELD(version, 2),
        FIELD(flags, 1),
        FIELD(header_bytes, 64),
        FIELD(segment_bytes, 56),
        FIELD(segment_count, 0),
        FIELD(segment_count, 65),
        FIELD(segment_count, 0xffff),
        FIELD(segments_offset, 512),
        FIELD(segments_offset, 0xffffffff),
        FIELD(entry, 0),
        FIELD(entry, 0x10002),
        FIELD(entry, 0x12000), /* not code */
        FIELD(entry, 0x10000 + 8000),
        FIELD(segments[0].type, 2), /* to be linked */
        FIELD(segments[0].type, 3),
        FIELD(segments[0].type, 4), /* then no segment has the entry */
        FIELD(segments[0].offset, 0xfffffff0),
        FIELD(segments[0].offset, 0x7fffffff),
        FIELD(segments[0].address, 0xf000),
        FIELD(segments[0].address, 0x12000), /* out of order */
        FIELD(segments[0].address, 0xfffff000),
        FIELD(segments[0].address, TP_STACK_TOP - TP_PAGE),
        FIELD(segments[0].file_bytes, 8001),
        FIELD(segments[0].bytes, 7999),
        FIELD(segments[0].bytes, 0x2001), /* into the other's page */
        FIELD(segments[0].bytes, 0xfffffff0),
        FIELD(segments[0].flags, 0x15),
        FIELD(segments[0].flags, 6),
        FIELD(segments[1].address, 0x11fff), /* a page of both */
        FIELD(segments[1].bytes, 0x7fffffff),
#undef FIELD
    };
    struct elf_program program;
    ck_assert_int_eq(elf_read((const void *)good_image(), ELF_HEAD_BYTES, &program), 0);
    ck_assert_uint_eq(program.part_count, 2);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct image image = *good_image();
        memcpy((char *)&image + rows[i].offset, &rows[i].value, rows[i].bytes);
        ck_assert_msg(elf_read((const void *)&image, ELF_HEAD_BYTES, &program) == -TP_ENOEXEC,
                      "row %zu was taken for a program", i);
    }
    for (uint32_t bytes = 0; bytes < offsetof(struct image, code); bytes++)
        ck_assert_int_eq(elf_read((const void *)good_image(), bytes, &program), -TP_ENOEXEC);
}
END_TEST

/* What holds of every program, however odd its file. */
static void check_program(const struct elf_program *program)
{
    uint64_t end = TP_USER_FIRST;
    bool has_entry = false;
    ck_assert_uint_ge(program->part_count, 1);
    ck_assert_uint_le(program->part_count, ELF_PARTS);
    for (uint32_t i = 0; i < program->part_count; i++) {
        const struct elf_part *part = &program->parts[i];
        ck_assert_uint_ge(part->address / TP_PAGE, (end + TP_PAGE - 1) / TP_PAGE);
        ck_assert_uint_le(part->file_bytes, part->bytes);
        ck_assert_uint_gt(part->bytes, 0);
        end = (uint64_t)part->address + part->bytes;
        ck_assert_uint_le((uint64_t)part->offset + part->file_bytes, INT32_MAX);
        has_entry |=
            program->entry >= part->address && program->entry < part->address + part->file_bytes;
    }
    ck_assert_uint_le(end, TP_STACK_TOP - TP_STACK_BYTES);
    ck_assert(has_entry && program->entry % 4 == 0);
}

START_TEST(no_file_at_all_breaks_the_loader)
{
    static const uint32_t odd[] = {0,          1,          2,          3,
                                   0x7fffffff, 0x80000000, 0xffffffff, 0xfffff000,
                                   0x10000,    0x11000,    0xbffe0000, 0xc0000000};
    uint32_t random = 1, good = 0;
    struct guest *init = boot();
    for (int i = 0; i < 20000; i++) {
        struct image image = *good_image();
        unsigned char *bytes = (unsigned char *)&image;
        struct elf_program program;
        for (uint32_t changes = 1 + draw(&random, 3); changes; changes--) {
            uint32_t at = draw(&random, offsetof(struct image, code) / 4) * 4;
            uint32_t word = draw(&random, 2) ? odd[draw(&random, 12)] : draw(&random, 1 << 24);
            if (draw(&random, 2))
                memcpy(bytes + at, &word, 4);
            else
                bytes[at + draw(&random, 4)] = (unsigned char)word;
        }
        if (elf_read(bytes, ELF_HEAD_BYTES, &program) == 0) {
            good++;
            check_program(&program);
        }
        set_program(bytes, sizeof image);
        int32_t result = CALL(init, EXEC, (tp_word) "prog", (tp_word) "", 0);
        ck_assert(result == 0 || result == -TP_ENOEXEC);
        ck_assert(init->runs && !init->has_new_memory && !fake.open_files);
    }
    ck_assert_uint_gt(good, 1000);
}
END_TEST

HOST_MAIN("exec", exec_gives_the_program_its_arguments, a_failed_exec_leaves_the_old_program,
          killed_in_its_fork_a_process_leaves_an_orphan, killed_before_it_runs_a_child_never_runs,
          killed_before_it_is_made_a_child_can_still_fail,
          killed_in_its_exec_a_process_ends_at_each_step, the_end_waits_for_all_its_steps,
          each_field_of_a_program_is_checked, no_file_at_all_breaks_the_loader)
