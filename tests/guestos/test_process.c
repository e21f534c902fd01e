/* Tests of the process service: families, signals, ends; anything at all in any order. */
#include <string.h>

#include "family_world.h"
#include "isa/isa.h"
#include "services/process.h"

/* --- init ------------------------------------------------------------------------------------ */

START_TEST(init_is_process_1_and_runs_from_its_file)
{
    struct guest *init = boot();
    ck_assert(init->runs && init->has_memory);
    ck_assert_uint_eq(init->pc, 0x10004);
    ck_assert_uint_eq(init->sp % 16, 0);
    ck_assert_uint_eq(stack_word(init, init->sp), 1);
    ck_assert_str_eq(stack_text(init, stack_word(init, init->sp + 4)), "init");
    ck_assert_uint_eq(stack_word(init, init->sp + 8), 0);
    ck_assert_str_eq(init->name, "init");
    ck_assert_int_eq(CALL(init, GETPPID, 0), 0);
}
END_TEST

START_TEST(without_init_the_system_says_so)
{
    set_program("text", 4);
    boot();
    ck_assert_str_eq(host_failure(TP_SERVICE_PROCESS),
                     "cannot start /bin/init, the first program: not a program; is a Turnpike disk "
                     "there (--disk, tg-mkfs)?");
}
END_TEST

START_TEST(the_end_of_init_is_the_end_of_the_system)
{
    struct guest *init = boot();
    end(init, 3);
    ck_assert_str_eq(host_failure(TP_SERVICE_PROCESS),
                     "init, to whom all processes belong, ended: it exited with 3");
}
END_TEST

START_TEST(any_process_switches_the_machine_off)
{
    struct guest *child = fork_of(boot());
    ck_assert_int_eq(fake.power, -1);
    CALL(child, POWER_OFF, 7);
    ck_assert_int_eq(fake.power, 7);
}
END_TEST

/* --- Families -------------------------------------------------------------------------------- */

START_TEST(a_child_ends_and_its_parent_hears_how)
{
    struct guest *init = boot(), *child = fork_of(init);
    int32_t pid = child->pid;
    ck_assert(child->runs && child->has_memory && child->has_files);
    ck_assert_int_eq(CALL(child, GETPPID, 0), 1);
    end(child, 0x142);
    ck_assert(!child->has_memory && !child->has_files && child->endpoint); /* a zombie */
    ck_assert_int_eq(wait_for(init, ANY, 0), pid);
    ck_assert_uint_eq(init->status, TP_STATUS_EXIT(0x142));
    ck_assert_int_eq(wait_for(init, ANY, 0), -TP_ECHILD);
    check_only_init();
}
END_TEST

START_TEST(a_parent_waits_until_a_child_ends)
{
    struct guest *init = boot(), *child = fork_of(init);
    int32_t pid = child->pid;
    BEGIN(init, WAIT, ANY, (tp_word)&init->status, 0);
    settle();
    ck_assert(!init->call->is_answered);
    end(child, 1);
    ck_assert_int_eq(end_call(init), pid);
    check_only_init();
}
END_TEST

START_TEST(wait_means_whom_it_says)
{
    struct guest *init = boot(), *a = fork_of(init), *b = fork_of(init);
    int32_t a_pid = a->pid, b_pid = b->pid;
    ck_assert_int_eq(CALL(init, SETPGID, (tp_word)b_pid, 0), 0);
    ck_assert_int_eq(wait_for(init, ANY, TP_WAIT_NOHANG), 0);
    end(a, 0);
    ck_assert_int_eq(wait_for(init, (tp_word)b_pid, TP_WAIT_NOHANG), 0);
    ck_assert_int_eq(wait_for(init, (tp_word)-b_pid, TP_WAIT_NOHANG), 0);
    ck_assert_int_eq(wait_for(init, 999, 0), -TP_ECHILD);
    ck_assert_int_eq(wait_for(init, ANY, 2), -TP_EINVAL);
    ck_assert_int_eq(wait_for(init, 0, 0), a_pid);
    BEGIN(init, WAIT, (tp_word)-b_pid, (tp_word)&init->status, 0);
    settle();
    end(b, 0);
    ck_assert_int_eq(end_call(init), b_pid);
}
END_TEST

START_TEST(orphans_belong_to_init)
{
    struct guest *init = boot(), *child = fork_of(init), *dead = fork_of(child),
                 *alive = fork_of(child);
    int32_t pids[] = {dead->pid, child->pid, alive->pid};
    end(dead, 9);
    end(child, 8);
    ck_assert_int_eq(CALL(alive, GETPPID, 0), 1);
    ck_assert_int_eq(wait_for(init, (tp_word)pids[0], 0), pids[0]);
    ck_assert_uint_eq(init->status, TP_STATUS_EXIT(9));
    ck_assert_int_eq(wait_for(init, (tp_word)pids[1], 0), pids[1]);
    BEGIN(init, WAIT, ANY, (tp_word)&init->status, 0);
    end(alive, 7);
    ck_assert_int_eq(end_call(init), pids[2]);
    check_only_init();
}
END_TEST

START_TEST(a_zombie_that_becomes_inits_is_told_to_it)
{
    struct guest *init = boot(), *child = fork_of(init), *dead = fork_of(child);
    int32_t pid = dead->pid;
    end(dead, 9);
    BEGIN(init, WAIT, (tp_word)pid, (tp_word)&init->status, 0);
    settle();
    ck_assert_int_eq(end_call(init), -TP_ECHILD); /* not yet */
    BEGIN(init, WAIT, ANY, (tp_word)&init->status, 0);
    end(child, 8);
    ck_assert_int_eq(end_call(init), pid);
    ck_assert_uint_eq(init->status, TP_STATUS_EXIT(9));
}
END_TEST

START_TEST(a_failed_fork_leaves_nothing)
{
    struct guest *init = boot();
    fake.memory_error = -TP_ENOMEM;
    ck_assert_int_eq(CALL(init, FORK, 0), -TP_ENOMEM);
    fake.files_error = -TP_ENFILE;
    ck_assert_int_eq(CALL(init, FORK, 0), -TP_ENFILE);
    fake.slots = 1;
    ck_assert_int_eq(CALL(init, FORK, 0), -TP_EAGAIN);
    ck_assert_int_eq(wait_for(init, ANY, 0), -TP_ECHILD);
    check_only_init();
}
END_TEST

START_TEST(numbers_are_used_again_when_they_are_free)
{
    struct guest *init = boot(), *leader = fork_of(init), *member = fork_of(leader);
    int32_t kept = leader->pid, other = member->pid, pid = 0, before;
    ck_assert_int_eq(CALL(leader, SETPGID, 0, 0), 0);
    ck_assert_int_eq(CALL(leader, SETPGID, (tp_word)other, (tp_word)kept), 0);
    end(leader, 0); /* its number is still the group's */
    ck_assert_int_eq(wait_for(init, ANY, 0), kept);
    do {
        before = pid;
        struct guest *child = fork_of(init);
        pid = child->pid;
        end(child, 0);
        ck_assert_int_eq(wait_for(init, (tp_word)pid, 0), pid);
    } while (pid > before);
    ck_assert_int_eq(before, 32767);
    ck_assert_int_eq(pid, other + 1); /* not 1, nor what is in use */
}
END_TEST

START_TEST(more_forks_than_tasks_wait_for_their_turn)
{
    struct guest *init = boot(), *parents[12];
    for (int i = 0; i < 12; i++)
        parents[i] = fork_of(init);
    fake.is_late = true;
    for (int i = 0; i < 12; i++)
        BEGIN(parents[i], FORK, 0);
    settle();
    ck_assert_uint_eq(fake.late_count, 4);
    while (fake.late_count) {
        answer_late(fake.late_count / 2);
        settle();
    }
    for (int i = 0; i < 12; i++)
        ck_assert_int_gt(end_call(parents[i]), 13);
}
END_TEST

/* --- Signals and groups ---------------------------------------------------------------------- */

START_TEST(kill_ends_who_is_meant_and_nobody_else)
{
    struct guest *init = boot(), *child = fork_of(init);
    int32_t pid = child->pid;
    ck_assert_int_eq(CALL(init, KILL, (tp_word)pid, 0), 0);
    ck_assert_int_eq(CALL(init, KILL, (tp_word)pid, TP_SIGCHLD), 0);
    ck_assert_int_eq(CALL(init, KILL, (tp_word)pid, 32), -TP_EINVAL);
    ck_assert_int_eq(CALL(init, KILL, 999, TP_SIGKILL), -TP_ESRCH);
    ck_assert_int_eq(CALL(child, KILL, 1, TP_SIGKILL), -TP_EPERM);
    ck_assert(child->runs);
    ck_assert_int_eq(CALL(init, KILL, (tp_word)pid, TP_SIGTERM), 0);
    ck_assert(!child->runs && !child->has_memory);
    ck_assert_int_eq(CALL(init, KILL, (tp_word)pid, TP_SIGKILL), 0); /* a zombie: no matter */
    ck_assert_int_eq(wait_for(init, ANY, 0), pid);
    ck_assert_uint_eq(init->status, TP_STATUS_SIGNAL(TP_SIGTERM));
    ck_assert_int_eq(CALL(init, KILL, (tp_word)pid, 0), -TP_ESRCH);
}
END_TEST

START_TEST(a_process_can_end_itself_by_a_signal)
{
    struct guest *init = boot(), *child = fork_of(init);
    BEGIN(child, KILL, (tp_word)child->pid, TP_SIGABRT);
    settle();
    ck_assert_int_gt(wait_for(init, ANY, 0), 1);
    ck_assert_uint_eq(init->status, TP_STATUS_SIGNAL(TP_SIGABRT));
    check_only_init();
}
END_TEST

START_TEST(kill_ends_one_that_waits_for_its_child)
{
    struct guest *init = boot(), *parent = fork_of(init), *child = fork_of(parent);
    int32_t pid = parent->pid;
    BEGIN(parent, WAIT, ANY, (tp_word)&parent->status, 0);
    settle();
    ck_assert_int_eq(CALL(init, KILL, (tp_word)pid, TP_SIGINT), 0);
    ck_assert_int_eq(wait_for(init, ANY, 0), pid);
    ck_assert_int_eq(CALL(child, GETPPID, 0), 1);
}
END_TEST

START_TEST(one_that_was_killed_waits_for_nobody)
{
    struct guest *init = boot(), *parent = fork_of(init), *child = fork_of(parent);
    int32_t pids[] = {parent->pid, child->pid};
    BEGIN(parent, WAIT, ANY, (tp_word)&parent->status, 0);
    settle();
    fake.is_late = true; /* so that it is not over before its child ends too */
    ck_assert_int_eq(CALL(init, KILL, (tp_word)pids[0], TP_SIGKILL), 0);
    BEGIN(child, EXIT, 5);
    settle();
    while (fake.late_count) { /* the child first */
        answer_late(fake.late_count - 1);
        settle();
    }
    ck_assert_int_eq(wait_for(init, (tp_word)pids[1], 0), pids[1]);
    ck_assert_uint_eq(init->status, TP_STATUS_EXIT(5));
    ck_assert_int_eq(wait_for(init, ANY, 0), pids[0]);
    check_only_init();
}
END_TEST

START_TEST(a_call_that_comes_after_its_cancel_is_answered)
{
    static const enum tp_call calls[] = {TP_CALL_WAIT, TP_CALL_FORK, TP_CALL_EXEC};
    struct guest *init = boot();
    for (int i = 0; i < 3; i++) {
        struct guest *child = fork_of(init);
        fork_of(child);
        BEGIN(init, KILL, (tp_word)child->pid, TP_SIGKILL);
        begin_call(child, calls[i], (const tp_word[TP_ARGUMENTS]){ANY, (tp_word)&child->status, 0});
        settle();
        ck_assert_int_eq(end_call(init), 0);
        ck_assert_int_eq(wait_for(init, ANY, 0), child->pid);
    }
}
END_TEST

START_TEST(groups_get_signals_together)
{
    struct guest *init = boot(), *leader = fork_of(init), *member, *other = fork_of(init);
    int32_t group = leader->pid;
    ck_assert_int_eq(CALL(leader, SETPGID, 0, 0), 0);
    member = fork_of(leader);
    ck_assert_int_eq(CALL(member, GETPGID, 0), group);
    ck_assert_int_eq(CALL(other, GETPGID, (tp_word)group), group);
    ck_assert_int_eq(CALL(other, SETPGID, (tp_word)group, 0), -TP_ESRCH);
    ck_assert_int_eq(CALL(other, SETPGID, 0, 999), -TP_EPERM);
    ck_assert_int_eq(CALL(other, SETPGID, 0, (tp_word)-3), -TP_EINVAL);
    ck_assert_int_eq(CALL(other, GETPGID, 999), -TP_ESRCH);
    /* As the terminal does it at control-C. */
    ck_assert_int_eq(HOST(TP_SERVICE_TERMINAL, KILL, (tp_word)-group, TP_SIGINT), 0);
    settle();
    ck_assert(!leader->runs && !member->runs && other->runs);
    ck_assert_int_eq(CALL(other, KILL, (tp_word)-999, TP_SIGINT), -TP_ESRCH);
    BEGIN(other, KILL, 0, TP_SIGINT); /* its own group, which is init's: not init */
    settle();
    ck_assert(!other->runs && init->runs);
    ck_assert_int_eq(CALL(init, KILL, ANY, TP_SIGKILL), -TP_ESRCH); /* zombies only */
    ck_assert_int_eq(CALL(init, KILL, (tp_word)-group, 0), -TP_ESRCH);
}
END_TEST

START_TEST(everybody_else_can_be_ended)
{
    struct guest *init = boot(), *a = fork_of(init), *b = fork_of(a);
    ck_assert_int_eq(CALL(a, KILL, ANY, TP_SIGKILL), 0);
    ck_assert(init->runs && a->runs && !b->runs);
}
END_TEST

START_TEST(a_fault_ends_a_process_and_is_told)
{
    struct guest *init = boot(), *child = fork_of(init);
    host_ask(child->endpoint, TP_CALL_FAULTED,
             (const tp_word[TP_ARGUMENTS]){TG_CAUSE_PAGE,
                                           TG_ACCESS_STORE | TG_PAGE_TABLE_ABSENT << 4, 0x10040,
                                           0x10, (tp_word)-TP_EFAULT});
    settle();
    ck_assert_str_eq(fake.terminal, "init (pid 2) ended: page exception, pc 0x00010040, store at "
                                    "0x00000010: nothing is there\n");
    ck_assert_int_eq(wait_for(init, ANY, 0), 2);
    ck_assert_uint_eq(init->status, TP_STATUS_SIGNAL(TP_SIGSEGV));
}
END_TEST

START_TEST(each_fault_has_its_words_and_its_signal)
{
    static const struct {
        struct fault fault;
        uint32_t signal;
        const char *line;
    } rows[] = {
        {{TG_CAUSE_ILLEGAL, 0, 4, 0, 0},
         TP_SIGILL,
         "x (pid 7) ended: illegal exception, pc 0x00000004: no instruction has this encoding, or "
         "no "
         "such control register\n"},
        {{TG_CAUSE_PRIVILEGE, 1, 4, 0, 0},
         TP_SIGILL,
         "x (pid 7) ended: privilege exception, pc 0x00000004: the instruction is for more "
         "privileged rings\n"},
        {{TG_CAUSE_PORT, TG_ACCESS_IN, 4, 0x60, 0},
         TP_SIGSEGV,
         "x (pid 7) ended: port exception, pc 0x00000004, port read of 0x00000060: this ring may "
         "not "
         "use that port\n"},
        {{TG_CAUSE_MISALIGNED, TG_ACCESS_LOAD, 4, 1, 0},
         TP_SIGBUS,
         "x (pid 7) ended: misaligned exception, pc 0x00000004, load at 0x00000001: address is not "
         "a "
         "multiple of the access width\n"},
        {{TG_CAUSE_BREAKPOINT, 0, 4, 0, 0},
         TP_SIGTRAP,
         "x (pid 7) ended: breakpoint exception, pc 0x00000004: brk was executed\n"},
        {{TG_CAUSE_PAGE, TG_PAGE_RING << 4, 4, 0xc0001000, 0},
         TP_SIGSEGV,
         "x (pid 7) ended: page exception, pc 0x00000004, fetch at 0xc0001000: that is the "
         "kernel's\n"},
        {{TG_CAUSE_PAGE, TG_ACCESS_STORE | TG_PAGE_TABLE_ABSENT << 4, 4, 8, -TP_ENOMEM},
         TP_SIGKILL,
         "x (pid 7) ended: page exception, pc 0x00000004, store at 0x00000008: no memory is "
         "left\n"},
        {{200, 1, 4, 8, 0},
         TP_SIGSEGV,
         "x (pid 7) ended: unknown exception, pc 0x00000004: no such exception\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct member member = {.pid = 7, .fault = rows[i].fault};
        char line[REPORT_LINE_BYTES];
        ck_assert_uint_eq(report_fault(&member, "x", line), strlen(rows[i].line));
        ck_assert_str_eq(line, rows[i].line);
        ck_assert_uint_eq(report_signal(&member.fault), rows[i].signal);
    }
}
END_TEST

START_TEST(the_list_shows_zombies_too)
{
    static struct tp_process_info list[8];
    struct guest *init = boot(), *child = fork_of(init);
    end(child, 0);
    ck_assert_int_eq(CALL(init, PROCESS_LIST, (tp_word)list, sizeof list), 2);
    ck_assert_int_eq(list[1].pid, 2);
    ck_assert_int_eq(list[1].parent, 1);
    ck_assert_int_eq(list[1].group, 1);
    ck_assert_uint_eq(list[1].state, TP_RUN_DEAD);
    ck_assert_str_eq(list[1].name, "init");
    ck_assert_int_eq(CALL(init, PROCESS_LIST, (tp_word)list, sizeof list[0] + 1), 1);
    ck_assert_int_eq(CALL(init, PROCESS_LIST, (tp_word)list, 0), 0);
}
END_TEST

/* --- Anything at all ------------------------------------------------------------------------- */

/* What a process that may act does next. */
static void act(struct guest *guest, uint32_t *random)
{
    struct guest *other = &fake.guests[draw(random, GUESTS)];
    uint32_t signal = 1 + draw(random, 15), what = draw(random, 12);
    switch (what) {
    case 0:
    case 1:
    case 2:
        BEGIN(guest, FORK, 0);
        break;
    case 3:
    case 4:
        if (guest->pid == 1)
            break;
        BEGIN(guest, EXIT, signal);
        break;
    case 5:
        if (other->pid != 1 && other->endpoint)
            BEGIN(guest, KILL, (tp_word)other->pid, signal);
        break;
    case 6:
        BEGIN(guest, EXEC, (tp_word)(signal % 2 ? "prog" : "none"), (tp_word) "a", 2);
        break;
    case 7:
        BEGIN(guest, SETPGID, 0, 0);
        break;
    case 8:
        if (guest->pid != 1 && draw(random, 3) == 0)
            host_ask(guest->endpoint, TP_CALL_FAULTED,
                     (const tp_word[TP_ARGUMENTS]){0, 0, 4, 0, 0});
        break;
    default:
        BEGIN(guest, WAIT,
              draw(random, 3)   ? ANY
              : draw(random, 3) ? 0
                                : (tp_word)other->pid,
              (tp_word)&guest->status, draw(random, 2));
    }
}

/* A call is answered: what is known of it holds. */
static void check_answer(struct guest *guest)
{
    struct request request = guest->call->request;
    int32_t result = end_call(guest);
    switch (request.call) {
    case TP_CALL_FORK:
        ck_assert(result == -TP_EAGAIN || result == -TP_ENOMEM || result > 1);
        break;
    case TP_CALL_EXEC:
        ck_assert(result == 0 || result == -TP_ENOENT || result == -TP_ENOMEM);
        break;
    case TP_CALL_WAIT: /* whoever it was has left nothing, and had a reason to end */
        ck_assert(result == -TP_ECHILD || result >= 0);
        ck_assert(result <= 0 || !guest_with(result));
        if (result > 0 && guest->status & 0x7f)
            ck_assert_uint_le(guest->status, 15);
        break;
    default:
        ck_assert_int_ge(result, -TP_ESRCH);
    }
}

static void act_at_random(uint32_t random)
{
    struct guest *init = guest_with(1);
    for (int i = 0; i < 4000; i++) {
        struct guest *guest = &fake.guests[draw(&random, 20)];
        if (draw(&random, 30) == 0)
            fake.memory_error = -TP_ENOMEM;
        if (guest->endpoint && guest->call && guest->call->is_answered && guest->runs)
            check_answer(guest);
        else if (guest->endpoint && !guest->call && guest->runs)
            act(guest, &random);
        if (draw(&random, 3) == 0 && fake.late_count)
            answer_late(draw(&random, fake.late_count));
        for (uint32_t steps = draw(&random, 6); steps; steps--)
            step();
    }
    /* In the end all are killed, and init asks for everyone. */
    do {
        settle();
        answer_all();
        fake.is_late = true;
        if (init->call && init->call->is_answered)
            check_answer(init);
        for (unsigned i = 1; i < GUESTS; i++)
            if (fake.guests[i].runs)
                HOST(TP_SERVICE_TERMINAL, KILL, (tp_word)fake.guests[i].pid, TP_SIGKILL);
        if (!init->call)
            BEGIN(init, WAIT, ANY, (tp_word)&init->status, 0);
        settle();
    } while (!init->call->is_answered || init->call->result != -TP_ECHILD);
    ck_assert_int_eq(end_call(init), -TP_ECHILD);
    check_only_init();
    ck_assert_uint_eq(host_open_calls(), 0);
}

START_TEST(whatever_happens_nothing_is_lost)
{
    boot();
    for (uint32_t seed = 1; seed <= 30; seed++) {
        fake.slots = seed % 3 ? 20 : 4;
        fake.is_late = true;
        act_at_random(seed);
    }
}
END_TEST

HOST_MAIN("process", init_is_process_1_and_runs_from_its_file, without_init_the_system_says_so,
          the_end_of_init_is_the_end_of_the_system, any_process_switches_the_machine_off,
          a_child_ends_and_its_parent_hears_how, a_parent_waits_until_a_child_ends,
          wait_means_whom_it_says, orphans_belong_to_init,
          a_zombie_that_becomes_inits_is_told_to_it, a_failed_fork_leaves_nothing,
          numbers_are_used_again_when_they_are_free, more_forks_than_tasks_wait_for_their_turn,
          kill_ends_who_is_meant_and_nobody_else, a_process_can_end_itself_by_a_signal,
          kill_ends_one_that_waits_for_its_child, one_that_was_killed_waits_for_nobody,
          a_call_that_comes_after_its_cancel_is_answered, groups_get_signals_together,
          everybody_else_can_be_ended, a_fault_ends_a_process_and_is_told,
          each_fault_has_its_words_and_its_signal, the_list_shows_zombies_too,
          whatever_happens_nothing_is_lost)
