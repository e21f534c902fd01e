/*
 * Tests of the memory service (guestos/services/memory.c) over a kernel that counts pages: every
 * space is an array of pages that are there or not.
 */
#include <stdlib.h>
#include <string.h>

#include "host.h"
#include "isa/isa.h"

#define PAGES_OF_SPACE (TP_USER_END / TP_PAGE)
#define SPACES         12
#define PAGES          1000u /* of RAM */
#define RESERVED       32u   /* as in memory.c */

/* A process's endpoint. */
#define WHO(n) TP_ENDPOINT(TP_FIRST_PROCESS_SLOT + (n), 3)

struct fake_space {
    unsigned char *pages; /* 0: not there, else 1 + permissions */
    uint32_t count;
};

static struct {
    struct fake_space spaces[SPACES], building[SPACES];
    uint32_t free;
    bool fails; /* the next copy of a space finds no memory for tables */
} fake;

static void empty(struct fake_space *space)
{
    fake.free += space->count;
    free(space->pages);
    *space = (struct fake_space){0};
}

static void make(struct fake_space *space)
{
    empty(space);
    space->pages = calloc(PAGES_OF_SPACE, 1);
}

static int32_t fake_map(struct fake_space *space, const tp_word args[4])
{
    int32_t added = 0;
    ck_assert_uint_ge(args[1], TP_USER_FIRST);
    ck_assert_uint_eq(args[1] % TP_PAGE, 0);
    ck_assert_uint_le(args[1] / TP_PAGE + args[2], PAGES_OF_SPACE);
    for (tp_word i = 0; i < args[2]; i++) {
        unsigned char *page = &space->pages[args[1] / TP_PAGE + i];
        if (*page)
            continue;
        if (!fake.free)
            return -TP_ENOMEM;
        *page = (unsigned char)(1 + args[3]);
        fake.free--;
        space->count++;
        added++;
    }
    return added;
}

static int32_t fake_unmap(struct fake_space *space, const tp_word args[4])
{
    int32_t gone = 0;
    for (tp_word i = 0; i < args[2]; i++) {
        unsigned char *page = &space->pages[args[1] / TP_PAGE + i];
        gone += *page != 0;
        *page = 0;
    }
    fake.free += (uint32_t)gone;
    space->count -= (uint32_t)gone;
    return gone;
}

/* All is copied at once: the most that copies on write can come to. */
static int32_t fake_copy(struct fake_space *from, struct fake_space *to)
{
    if (fake.fails)
        return -TP_ENOMEM;
    make(to);
    memcpy(to->pages, from->pages, PAGES_OF_SPACE);
    to->count = from->count;
    ck_assert_uint_ge(fake.free, to->count);
    fake.free -= to->count;
    return 0;
}

static int32_t fake_kernel(enum tp_service asker, enum tp_call call, const tp_word args[4])
{
    uint32_t n = TP_ENDPOINT_SLOT((uint32_t)args[0]) - TP_FIRST_PROCESS_SLOT;
    ck_assert_int_eq(asker, TP_SERVICE_MEMORY);
    if (call == TP_CALL_FREE_PAGES)
        return (int32_t)fake.free;
    ck_assert_uint_lt(n, SPACES);
    struct fake_space *space = &fake.spaces[n], *new = &fake.building[n];
    struct fake_space *current = new->pages ? new : space;
    switch (call) {
    case TP_CALL_SPACE_MAP:
        return fake_map(current, args);
    case TP_CALL_SPACE_UNMAP:
        return fake_unmap(current, args);
    case TP_CALL_SPACE_COPY:
        return fake_copy(space,
                         &fake.spaces[TP_ENDPOINT_SLOT((uint32_t)args[1]) - TP_FIRST_PROCESS_SLOT]);
    case TP_CALL_SPACE_BEGIN:
        make(new);
        return 0;
    case TP_CALL_SPACE_COMMIT:
        empty(space);
        *space = *new;
        *new = (struct fake_space){0};
        return 0;
    case TP_CALL_SPACE_ABANDON:
        empty(new);
        return 0;
    case TP_CALL_SPACE_CLEAR:
        empty(space);
        return 0;
    default:
        ck_abort_msg("a call that the memory service has no need of");
    }
}

static void start(void)
{
    memset(&fake, 0, sizeof fake);
    fake.free = PAGES;
    host_set_system(fake_kernel);
    host_place(&memory_service, NULL, 0);
}

#define ASK(CALL, ...) HOST(TP_SERVICE_PROCESS, CALL, __VA_ARGS__)

/* A program: a page of code at 0x10000, one of variables at 0x11000, whose zeros go on to the
 * heap's start. */
static int32_t exec(uint32_t who, uint32_t heap)
{
    int32_t result = ASK(MEMORY_BEGIN, who);
    if (result == 0)
        result = ASK(MEMORY_MAP, who, 0x10000, TP_PAGE, TP_MAP_EXECUTE);
    if (result == 0)
        result = ASK(MEMORY_MAP, who, 0x11000, 0x10, TP_MAP_WRITE);
    if (result == 0)
        result = ASK(MEMORY_COMMIT, who, 0x11010, heap);
    if (result < 0)
        ASK(MEMORY_ABANDON, who);
    return result;
}

static int32_t touch(uint32_t who, uint32_t address)
{
    unsigned char *pages = fake.spaces[TP_ENDPOINT_SLOT(who) - TP_FIRST_PROCESS_SLOT].pages;
    int32_t result;
    if (pages && address < TP_USER_END && pages[address / TP_PAGE])
        return 0; /* nothing for the service */
    result = HOST(who, PAGE_FAULT, address, TG_ACCESS_STORE, 0x10000);
    if (result > 0) {
        const tp_word args[4] = {who, address & ~(TP_PAGE - 1), 1, (tp_word)result};
        result = fake_kernel(TP_SERVICE_MEMORY, TP_CALL_SPACE_MAP, args);
        ck_assert_int_eq(result, 1);
        return 0;
    }
    return result;
}

static int32_t grow(uint32_t who, int32_t bytes)
{
    return HOST(who, SBRK, (tp_word)(intptr_t)bytes);
}

START_TEST(heap_grows_and_shrinks_by_bytes)
{
    start();
    ck_assert_int_eq(exec(WHO(0), 0x11800), 0);
    ck_assert_int_eq(grow(WHO(0), 0), 0x11800);
    ck_assert_int_eq(grow(WHO(0), 5), 0x11800);
    ck_assert_int_eq(grow(WHO(0), 0x2000), 0x11805);
    ck_assert_int_eq(grow(WHO(0), -0x2005), 0x13805);
    ck_assert_int_eq(grow(WHO(0), -1), -TP_EINVAL);
    ck_assert_int_eq(grow(WHO(0), INT32_MIN), -TP_EINVAL);
    ck_assert_int_eq(grow(WHO(0), 0), 0x11800);
}
END_TEST

START_TEST(pages_appear_when_touched_and_go_when_the_heap_shrinks)
{
    start();
    ck_assert_int_eq(exec(WHO(0), 0x14000), 0); /* zeros at 0x12000 and 0x13000 */
    ck_assert_uint_eq(fake.free, PAGES - 2);
    ck_assert_int_eq(touch(WHO(0), 0x12ffc), 0);
    ck_assert_int_eq(touch(WHO(0), 0x12000), 0); /* there already: two CPUs' worth of bad luck */
    ck_assert_uint_eq(fake.free, PAGES - 3);
    ck_assert_int_eq(touch(WHO(0), 0x14000), -TP_EFAULT);
    ck_assert_int_eq(grow(WHO(0), 1), 0x14000);
    ck_assert_int_eq(touch(WHO(0), 0x14fff), 0); /* the page of the last byte */
    ck_assert_int_eq(touch(WHO(0), 0x15000), -TP_EFAULT);
    ck_assert_uint_eq(fake.free, PAGES - 4);
    ck_assert_int_eq(grow(WHO(0), -1), 0x14001);
    ck_assert_uint_eq(fake.free, PAGES - 3);
    ck_assert_int_eq(touch(WHO(0), 0x14000), -TP_EFAULT);
}
END_TEST

START_TEST(stack_grows_to_its_limit_only)
{
    start();
    ck_assert_int_eq(exec(WHO(0), 0x12000), 0);
    ck_assert_int_eq(touch(WHO(0), TP_STACK_TOP - 4), 0);
    ck_assert_int_eq(touch(WHO(0), TP_STACK_TOP - TP_STACK_BYTES), 0);
    ck_assert_int_eq(touch(WHO(0), TP_STACK_TOP - TP_STACK_BYTES - 1), -TP_EFAULT);
    ck_assert_int_eq(touch(WHO(0), TP_STACK_TOP), -TP_EFAULT);
    ck_assert_int_eq(fake.spaces[0].pages[TP_STACK_TOP / TP_PAGE - 1], 1 + TP_MAP_WRITE);
}
END_TEST

START_TEST(addresses_of_nobody_are_refused)
{
    static const uint32_t nowhere[] = {
        0, 4, TP_USER_FIRST - 1, 0x20000000, 0x7fffffff, TP_USER_END - 1, TP_USER_END, 0xffffffff};
    start();
    ck_assert_int_eq(exec(WHO(0), 0x12000), 0);
    for (size_t i = 0; i < sizeof nowhere / sizeof nowhere[0]; i++)
        ck_assert_int_eq(touch(WHO(0), nowhere[i]), -TP_EFAULT);
    ck_assert_int_eq(grow(WHO(0), TP_PAGE), 0x12000);
    ck_assert_int_eq(HOST(WHO(0), PAGE_FAULT, 0x12000, TG_ACCESS_FETCH, 0x12000), -TP_EFAULT);
    ck_assert_int_eq(touch(WHO(1), 0x12000), -TP_EFAULT); /* a process without memory */
    ck_assert_int_eq(grow(WHO(1), 1), -TP_EPERM);
    ck_assert_int_eq(grow(TP_SERVICE_FILE, 1), -TP_EPERM);
}
END_TEST

START_TEST(what_is_promised_is_kept)
{
    uint32_t most = PAGES - 2 - RESERVED;
    start();
    ck_assert_int_eq(exec(WHO(0), 0x12000), 0);
    ck_assert_int_eq(grow(WHO(0), (int32_t)((most + 1) * TP_PAGE)), -TP_ENOMEM);
    ck_assert_int_eq(grow(WHO(0), (int32_t)(most * TP_PAGE)), 0x12000);
    ck_assert_int_eq(exec(WHO(1), 0x12000), -TP_ENOMEM);
    ck_assert_int_eq(ASK(MEMORY_FORK, WHO(0), WHO(1)), -TP_ENOMEM);
    for (uint32_t i = 0; i < most; i++)
        ck_assert_int_eq(touch(WHO(0), 0x12000 + i * TP_PAGE), 0);
    ck_assert_uint_eq(fake.free, RESERVED);
    ck_assert_int_eq(grow(WHO(0), (int32_t)(most * TP_PAGE) * -1),
                     (int32_t)(0x12000 + most * TP_PAGE));
    ck_assert_uint_eq(fake.free, PAGES - 2);
}
END_TEST

START_TEST(what_the_heap_gives_back_can_be_promised_again)
{
    int32_t most = (int32_t)((PAGES - 2 - RESERVED) * TP_PAGE);
    start();
    ck_assert_int_eq(exec(WHO(0), 0x12000), 0);
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(grow(WHO(0), most), 0x12000);
        ck_assert_int_eq(touch(WHO(0), 0x13000), 0);
        ck_assert_int_eq(grow(WHO(0), -most), 0x12000 + most);
    }
}
END_TEST

START_TEST(heap_ends_far_below_the_stack)
{
    start();
    ck_assert_int_eq(exec(WHO(0), 0x12000), 0);
    ck_assert_int_eq(grow(WHO(0), INT32_MAX), -TP_ENOMEM);
    ck_assert_int_eq(exec(WHO(1), 0x7ffff001), -TP_EINVAL);
}
END_TEST

START_TEST(a_stack_without_memory_ends_only_its_process)
{
    start();
    ck_assert_int_eq(exec(WHO(0), 0x12000), 0);
    ck_assert_int_eq(exec(WHO(1), 0x12000), 0);
    ck_assert_int_eq(grow(WHO(0), (int32_t)TP_PAGE), 0x12000);
    fake.free = 1; /* the kernel has used the rest; one page is promised */
    ck_assert_int_eq(touch(WHO(1), TP_STACK_TOP - 4), -TP_ENOMEM);
    ck_assert_int_eq(touch(WHO(0), 0x12000), 0);
}
END_TEST

START_TEST(a_child_has_the_same_heap_and_promises)
{
    start();
    ck_assert_int_eq(exec(WHO(0), 0x12000), 0);
    ck_assert_int_eq(grow(WHO(0), 3 * (int32_t)TP_PAGE), 0x12000);
    ck_assert_int_eq(touch(WHO(0), 0x12000), 0);
    ck_assert_int_eq(ASK(MEMORY_FORK, WHO(0), WHO(1)), 0);
    ck_assert_int_eq(grow(WHO(1), 0), 0x15000);
    ck_assert_int_eq(touch(WHO(1), 0x13000), 0);
    ck_assert_int_eq(ASK(MEMORY_FREE, WHO(0)), 0);
    ck_assert_int_eq(ASK(MEMORY_FREE, WHO(1)), 0);
    ck_assert_uint_eq(fake.free, PAGES);
}
END_TEST

START_TEST(a_failed_fork_leaves_nothing)
{
    start();
    ck_assert_int_eq(exec(WHO(0), 0x12000), 0);
    fake.fails = true;
    ck_assert_int_eq(ASK(MEMORY_FORK, WHO(0), WHO(1)), -TP_ENOMEM);
    ck_assert_int_eq(grow(WHO(1), 1), -TP_EPERM);
    fake.fails = false;
    ck_assert_int_eq(ASK(MEMORY_FORK, WHO(0), WHO(1)), 0);
}
END_TEST

START_TEST(an_abandoned_program_leaves_the_old_one)
{
    start();
    ck_assert_int_eq(exec(WHO(0), 0x12000), 0);
    ck_assert_int_eq(grow(WHO(0), 100), 0x12000);
    ck_assert_int_eq(ASK(MEMORY_BEGIN, WHO(0)), 0);
    ck_assert_int_eq(ASK(MEMORY_MAP, WHO(0), 0x40000, 5 * TP_PAGE, TP_MAP_WRITE), 0);
    ck_assert_int_eq(ASK(MEMORY_MAP, WHO(0), 0x40000, PAGES * TP_PAGE, TP_MAP_WRITE), -TP_ENOMEM);
    ck_assert_int_eq(ASK(MEMORY_MAP, WHO(0), 0xf000, 1, 0), -TP_EINVAL);
    ck_assert_int_eq(ASK(MEMORY_MAP, WHO(0), TP_STACK_TOP - 8, 9, 0), -TP_EINVAL);
    ck_assert_int_eq(ASK(MEMORY_ABANDON, WHO(0)), 0);
    ck_assert_uint_eq(fake.free, PAGES - 2);
    ck_assert_int_eq(grow(WHO(0), 0), 0x12064);
    ck_assert_int_eq(touch(WHO(0), 0x12000), 0);
}
END_TEST

START_TEST(a_new_program_forgets_the_old_ones_heap)
{
    start();
    ck_assert_int_eq(exec(WHO(0), 0x12000), 0);
    ck_assert_int_eq(grow(WHO(0), 500 * (int32_t)TP_PAGE), 0x12000);
    ck_assert_int_eq(exec(WHO(0), 0x12000), 0);
    ck_assert_int_eq(touch(WHO(0), 0x12000), -TP_EFAULT);
    ck_assert_int_eq(grow(WHO(0), 900 * (int32_t)TP_PAGE), 0x12000);
    ck_assert_int_eq(ASK(MEMORY_FREE, WHO(0)), 0);
    ck_assert_int_eq(ASK(MEMORY_FREE, WHO(0)), 0); /* of nobody: nothing */
    ck_assert_uint_eq(fake.free, PAGES);
}
END_TEST

/* --- Anything at all, against a simple account ----------------------------------------------- */

static uint32_t draw(uint32_t *random, uint32_t below)
{
    *random = *random * 1664525u + 1013904223u;
    return (*random >> 8) % below;
}

struct account {
    bool lives;
    uint32_t end; /* of the heap, which starts at 0x12000 */
};

static void act(struct account *accounts, uint32_t *random)
{
    uint32_t n = draw(random, SPACES), other = draw(random, SPACES);
    struct account *account = &accounts[n];
    int32_t bytes = (int32_t)draw(random, 200 * TP_PAGE) - (int32_t)(100 * TP_PAGE), result;
    if (!account->lives) {
        account->lives = exec(WHO(n), 0x12000) == 0;
        account->end = 0x12000;
        return;
    }
    switch (draw(random, 8)) {
    case 0:
        ck_assert_int_eq(ASK(MEMORY_FREE, WHO(n)), 0);
        account->lives = false;
        break;
    case 1:
        if (!accounts[other].lives && ASK(MEMORY_FORK, WHO(n), WHO(other)) == 0)
            accounts[other] = *account;
        break;
    case 2:
        if (exec(WHO(n), 0x12000) == 0)
            account->end = 0x12000;
        break;
    case 3:
    case 4:
        result = grow(WHO(n), bytes);
        if (result >= 0) {
            ck_assert_uint_eq((uint32_t)result, account->end);
            account->end += (uint32_t)bytes;
        } else if (result == -TP_EINVAL) {
            ck_assert_int_lt((int32_t)account->end - 0x12000 + bytes, 0);
        } else {
            ck_assert_int_eq(result, -TP_ENOMEM);
            ck_assert_int_gt(bytes, 0);
        }
        break;
    default: /* what is in the heap can always be touched, what is not never */
        result = (int32_t)draw(random, 150) * (int32_t)TP_PAGE + 0x12000;
        ck_assert_int_eq(touch(WHO(n), (uint32_t)result),
                         (uint32_t)result < account->end ? 0 : -TP_EFAULT);
    }
}

static void act_at_random(uint32_t random)
{
    struct account accounts[SPACES] = {0};
    for (int step = 0; step < 3000; step++)
        act(accounts, &random);
    for (unsigned n = 0; n < SPACES; n++)
        ASK(MEMORY_FREE, WHO(n));
    ck_assert_uint_eq(fake.free, PAGES);
    /* All promises are taken back: everything can be promised again. */
    ck_assert_int_eq(exec(WHO(0), 0x12000), 0);
    ck_assert_int_eq(grow(WHO(0), (int32_t)((PAGES - 2 - RESERVED) * TP_PAGE)), 0x12000);
    ASK(MEMORY_FREE, WHO(0));
}

START_TEST(no_promise_is_broken_and_no_page_lost)
{
    start();
    for (uint32_t seed = 0; seed < 20; seed++)
        act_at_random(seed);
}
END_TEST

HOST_MAIN("memory", heap_grows_and_shrinks_by_bytes,
          pages_appear_when_touched_and_go_when_the_heap_shrinks, stack_grows_to_its_limit_only,
          addresses_of_nobody_are_refused, what_is_promised_is_kept,
          what_the_heap_gives_back_can_be_promised_again, heap_ends_far_below_the_stack,
          a_stack_without_memory_ends_only_its_process, a_child_has_the_same_heap_and_promises,
          a_failed_fork_leaves_nothing, an_abandoned_program_leaves_the_old_one,
          a_new_program_forgets_the_old_ones_heap, no_promise_is_broken_and_no_page_lost)
