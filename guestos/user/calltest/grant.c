/* Tests of grants: memory that one process lets another one copy, and nothing beside it. */
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "calltest.h"

static uint8_t shared[3 * TP_PAGE];
static uint32_t parent_endpoint;

/* A child that says hello, gets a grant's number, and then works on the parent's memory. */
struct holder {
    pid_t pid;
    uint32_t endpoint;
    void (*act)(uint32_t grant);
};

static void be_holder(void *argument)
{
    struct holder *holder = argument;
    struct tp_message message = {0};

    EQUAL(CALL(TP_CALL_SEND, parent_endpoint, ADDRESS(&message)), 0);
    CHECK(CALL(TP_CALL_RECEIVE, parent_endpoint, ADDRESS(&message)) >= 0);
    holder->act(message.words[0]);
}

static struct holder start_holder(void (*act)(uint32_t))
{
    struct holder holder = {0, 0, act};
    struct tp_message message;

    parent_endpoint = own_endpoint();
    holder.pid = start_child(be_holder, &holder);
    CHECK(CALL(TP_CALL_RECEIVE, TP_ENDPOINT_ANY, ADDRESS(&message)) >= 0);
    holder.endpoint = message.source;
    return holder;
}

static void tell_holder(struct holder holder, uint32_t grant)
{
    struct tp_message message = {0, 0, {grant}};

    EQUAL(CALL(TP_CALL_SEND, holder.endpoint, ADDRESS(&message)), 0);
}

static int32_t grant_to(uint32_t endpoint, void *memory, uint32_t bytes, uint32_t rights)
{
    return CALL(TP_CALL_GRANT, endpoint, ADDRESS(memory), bytes, rights);
}

static int32_t copy_from(uint32_t grant, uint32_t offset, void *to, uint32_t bytes)
{
    return CALL(TP_CALL_COPY_FROM, parent_endpoint, grant, offset, ADDRESS(to), bytes);
}

static int32_t copy_to(uint32_t grant, uint32_t offset, const void *from, uint32_t bytes)
{
    return CALL(TP_CALL_COPY_TO, parent_endpoint, grant, offset, ADDRESS(from), bytes);
}

static void with_holder(void (*act)(uint32_t), uint32_t offset, uint32_t bytes, uint32_t rights)
{
    struct holder holder = start_holder(act);
    int32_t grant = grant_to(holder.endpoint, shared + offset, bytes, rights);

    CHECK(grant >= 0);
    tell_holder(holder, (uint32_t)grant);
    expect_exit(holder.pid, 0);
    EQUAL(CALL(TP_CALL_REVOKE, (uint32_t)grant), 0);
}

static uint8_t bytes[sizeof shared + 1];

static void copy_all(uint32_t grant)
{
    EQUAL(copy_from(grant, 0, bytes, 9000), 0);
    CHECK(is_pattern(bytes, 0, 9000, 1));
    EQUAL(copy_from(grant, 4000, bytes, 200), 0);
    CHECK(is_pattern(bytes, 4000, 200, 1));
    fill_pattern(bytes, 0, 5000, 2);
    EQUAL(copy_to(grant, 3000, bytes, 5000), 0);
}

static void both_ways(void)
{
    fill_pattern(shared + 100, 0, 9000, 1);
    with_holder(copy_all, 100, 9000, TP_GRANT_READ | TP_GRANT_WRITE);
    CHECK(is_pattern(shared + 100, 0, 3000, 1));
    CHECK(is_pattern(shared + 3100, 0, 5000, 2));
    CHECK(is_pattern(shared + 8100, 8000, 1000, 1));
}

static void beyond(uint32_t grant)
{
    EQUAL(copy_from(grant, 0, bytes, 100), 0);
    CHECK(copy_from(grant, 0, bytes, 101) < 0);
    CHECK(copy_from(grant, 1, bytes, 100) < 0);
    CHECK(copy_from(grant, 100, bytes, 1) < 0);
    CHECK(copy_from(grant, 0xffffffff, bytes, 1) < 0);
    CHECK(copy_from(grant, 0xffffffff, bytes, 2) < 0);
    CHECK(copy_from(grant, 0x80000000, bytes, 0x80000000) < 0);
    CHECK(copy_to(grant, 100, bytes, 1) < 0);
    CHECK(copy_to(grant, 0xfffffff0, bytes, 0x20) < 0);
    EQUAL(copy_from(grant, 0, (void *)16, 16), -TP_EFAULT);
    EQUAL(copy_to(grant, 0, (void *)(uintptr_t)0xc0001000, 16), -TP_EFAULT);
    EQUAL(copy_from(grant, 100, bytes, 0), 0);
}

static void bounds(void)
{
    memset(shared, 'x', sizeof shared);
    with_holder(beyond, 500, 100, TP_GRANT_READ | TP_GRANT_WRITE);
    for (unsigned i = 0; i < sizeof shared; i++)
        CHECK(shared[i] == 'x');
}

static void only_read(uint32_t grant)
{
    EQUAL(copy_from(grant, 0, bytes, 100), 0);
    CHECK(copy_to(grant, 0, bytes, 1) < 0);
}

static void only_write(uint32_t grant)
{
    EQUAL(copy_to(grant, 0, bytes, 100), 0);
    CHECK(copy_from(grant, 0, bytes, 1) < 0);
}

static void rights(void)
{
    with_holder(only_read, 0, 100, TP_GRANT_READ);
    with_holder(only_write, 0, 100, TP_GRANT_WRITE);
}

static void forge(uint32_t grant)
{
    for (uint32_t other = 0; other < 3000; other++)
        if (other != grant)
            CHECK(copy_from(other, 0, bytes, 1) < 0);
    for (uint32_t bit = 0; bit < 32; bit++)
        CHECK(copy_from(grant ^ 1u << bit, 0, bytes, 1) < 0);
    CHECK(CALL(TP_CALL_REVOKE, grant) < 0); /* it is not its own */
    CHECK(CALL(TP_CALL_COPY_FROM, own_endpoint(), grant, 0, ADDRESS(bytes), 1) < 0);
    CHECK(CALL(TP_CALL_COPY_FROM, TP_SERVICE_FILE, grant, 0, ADDRESS(bytes), 1) < 0);
    EQUAL(copy_from(grant, 0, bytes, 1), 0);
}

static void forged_numbers(void)
{
    with_holder(forge, 0, 100, TP_GRANT_READ);
}

static void try_once(uint32_t grant)
{
    CHECK(copy_from(grant, 0, bytes, 1) < 0);
    CHECK(copy_to(grant, 0, bytes, 1) < 0);
}

static void wrong_holder(void)
{
    struct holder owner = start_holder(copy_all);
    struct holder thief = start_holder(try_once);
    int32_t grant = grant_to(owner.endpoint, shared, 9000, TP_GRANT_READ | TP_GRANT_WRITE);

    tell_holder(thief, (uint32_t)grant);
    expect_exit(thief.pid, 0);
    kill(owner.pid, SIGKILL);
    expect_signal(owner.pid, SIGKILL);
}

static void revoked(void)
{
    struct holder holder = start_holder(try_once);
    int32_t grant = grant_to(holder.endpoint, shared, 100, TP_GRANT_READ | TP_GRANT_WRITE);

    EQUAL(CALL(TP_CALL_REVOKE, (uint32_t)grant), 0);
    CHECK(CALL(TP_CALL_REVOKE, (uint32_t)grant) < 0);
    grant_to(holder.endpoint, shared, 100, 0); /* perhaps the same place in the table */
    tell_holder(holder, (uint32_t)grant);
    expect_exit(holder.pid, 0);
    CHECK(CALL(TP_CALL_REVOKE, 0xffffffff) < 0);
}

static void grant_and_end(void *argument)
{
    int *ends = argument;
    uint32_t numbers[2];

    numbers[0] = own_endpoint();
    numbers[1] = (uint32_t)grant_to(parent_endpoint, shared, 100, TP_GRANT_READ);
    EQUAL(write(ends[1], numbers, sizeof numbers), sizeof numbers);
}

static void grants_end_with_their_maker(void)
{
    uint32_t numbers[2];
    int ends[2];

    parent_endpoint = own_endpoint();
    EQUAL(pipe(ends), 0);
    in_child(grant_and_end, ends);
    EQUAL(read(ends[0], numbers, sizeof numbers), sizeof numbers);
    CHECK(CALL(TP_CALL_COPY_FROM, numbers[0], numbers[1], 0, ADDRESS(bytes), 1) < 0);
    close(ends[0]);
    close(ends[1]);
}

static void bad_memory(void)
{
    uint32_t endpoint = own_endpoint();
    int32_t grant;

    CHECK(grant_to(endpoint, (void *)(uintptr_t)0xc0001000, 100, TP_GRANT_READ) < 0);
    CHECK(grant_to(endpoint, (void *)(uintptr_t)0xbffffff0, 100, TP_GRANT_READ) < 0);
    CHECK(grant_to(endpoint, shared, 0xffffffff, TP_GRANT_READ) < 0);
    CHECK(grant_to(endpoint, (void *)(uintptr_t)0xfffffff0, 0x20, TP_GRANT_READ) < 0);
    /* what is not there now may come later; until then copies fail */
    grant = grant_to(endpoint, (void *)(uintptr_t)0x80000000, 100, TP_GRANT_READ | TP_GRANT_WRITE);
    if (grant >= 0)
        EQUAL(CALL(TP_CALL_COPY_FROM, endpoint, (uint32_t)grant, 0, ADDRESS(bytes), 1), -TP_EFAULT);
    /* code can be read, not written */
    grant = grant_to(endpoint, (void *)(uintptr_t)bad_memory, 100, TP_GRANT_READ | TP_GRANT_WRITE);
    if (grant >= 0)
        EQUAL(CALL(TP_CALL_COPY_TO, endpoint, (uint32_t)grant, 0, ADDRESS(bytes), 1), -TP_EFAULT);
}

static void many(void)
{
    uint32_t before = kernel_counts().grants;
    uint32_t endpoint = own_endpoint();
    uint32_t made = 0;

    while (made < 10000 && grant_to(endpoint, shared, 8, TP_GRANT_READ) >= 0)
        made++;
    CHECK(made >= 8);
    CHECK(made < 10000); /* there is an end, and it is an error */
    EQUAL(kernel_counts().grants, before + made);
}

static const struct test tests[] = {
    {"grant_both_ways", both_ways},
    {"grant_bounds", bounds},
    {"grant_rights", rights},
    {"grant_forged_numbers", forged_numbers},
    {"grant_wrong_holder", wrong_holder},
    {"grant_revoked", revoked},
    {"grant_ends_with_its_maker", grants_end_with_their_maker},
    {"grant_bad_memory", bad_memory},
    {"grant_many", many},
};

const struct test_table grant_tests = TEST_TABLE(tests);
