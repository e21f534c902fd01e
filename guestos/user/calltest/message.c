/* Tests of messages between programs, of notifications, and of messages to services. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "queue.h"
#include "words.h"

static int32_t send_to(uint32_t endpoint, struct tp_message *message, uint32_t ticks)
{
    return CALL(TP_CALL_SEND, endpoint, ADDRESS(message), ticks);
}

static int32_t receive_from(uint32_t endpoint, struct tp_message *message, uint32_t ticks)
{
    return CALL(TP_CALL_RECEIVE, endpoint, ADDRESS(message), ticks);
}

static void fill_message(struct tp_message *message, uint32_t seed)
{
    message->source = 0x12345678; /* the kernel writes what is true */
    message->type = next_random(&seed);
    for (unsigned i = 0; i < TP_MESSAGE_WORDS; i++)
        message->words[i] = next_random(&seed);
}

/* Whether type and the first words are those of fill_message. */
static bool is_message(const struct tp_message *message, uint32_t seed, unsigned words)
{
    struct tp_message expected;

    fill_message(&expected, seed);
    return message->type == expected.type &&
           memcmp(message->words, expected.words, words * sizeof expected.words[0]) == 0;
}

static uint32_t parent_endpoint;

static void send_three(void *argument)
{
    struct tp_message message;

    (void)argument;
    for (uint32_t i = 0; i < 3; i++) {
        fill_message(&message, 100 + i);
        EQUAL(send_to(parent_endpoint, &message, 0), 0);
    }
}

static void words_arrive(void)
{
    struct tp_message message;
    pid_t pid;

    parent_endpoint = own_endpoint();
    pid = start_child(send_three, NULL);
    for (uint32_t i = 0; i < 3; i++) {
        CHECK(receive_from(TP_ENDPOINT_ANY, &message, 0) >= 0);
        CHECK(is_message(&message, 100 + i, TP_MESSAGE_WORDS));
        CHECK(message.source != 0x12345678 && message.source != parent_endpoint);
        CHECK(message.source >= TP_SERVICE_COUNT);
    }
    expect_exit(pid, 0);
}

/* A server for tests: answers each call with its words plus one, as long as type is not 0. */
static void serve(void *argument)
{
    struct tp_message message;

    (void)argument;
    CHECK(receive_from(TP_ENDPOINT_ANY, &message, 0) >= 0);
    while (message.type != 0) {
        for (unsigned i = 0; i < TP_MESSAGE_WORDS; i++)
            message.words[i]++;
        CHECK(CALL(TP_CALL_REPLY_RECEIVE, message.source, ADDRESS(&message)) >= 0);
    }
    EQUAL(CALL(TP_CALL_REPLY, message.source, ADDRESS(&message)), 0);
}

/* A child that runs act, and its endpoint, which it sends first. */
struct partner {
    pid_t pid;
    uint32_t endpoint;
    void (*act)(void *);
};

static void introduce(void *argument)
{
    struct partner *partner = argument;
    struct tp_message message = {0};

    EQUAL(send_to(parent_endpoint, &message, 0), 0);
    partner->act(NULL);
}

static struct partner start_partner(void (*act)(void *))
{
    struct partner partner = {0, 0, act};
    struct tp_message message;

    parent_endpoint = own_endpoint();
    partner.pid = start_child(introduce, &partner);
    CHECK(receive_from(TP_ENDPOINT_ANY, &message, 0) >= 0);
    partner.endpoint = message.source;
    return partner;
}

static void call_partner(uint32_t endpoint, uint32_t rounds, uint32_t seed)
{
    struct tp_message message;

    for (uint32_t i = 0; i < rounds; i++) {
        struct tp_message sent;

        fill_message(&message, seed + i);
        message.type |= 1;
        sent = message;
        EQUAL(CALL(TP_CALL_CALL, endpoint, ADDRESS(&message)), 0);
        EQUAL(message.source, endpoint);
        for (unsigned k = 0; k < TP_MESSAGE_WORDS; k++)
            CHECK(message.words[k] == sent.words[k] + 1);
    }
}

static void end_partner(struct partner partner)
{
    struct tp_message message = {0};

    EQUAL(CALL(TP_CALL_CALL, partner.endpoint, ADDRESS(&message)), 0);
    expect_exit(partner.pid, 0);
}

static void calls_are_answered(void)
{
    struct partner server = start_partner(serve);

    call_partner(server.endpoint, 50, 1);
    end_partner(server);
}

static uint32_t server_endpoint;

static void be_client(void *argument)
{
    call_partner(server_endpoint, 40, *(uint32_t *)argument);
}

static void several_clients(void)
{
    struct partner server = start_partner(serve);
    pid_t pids[4];

    server_endpoint = server.endpoint;
    for (uint32_t i = 0; i < 4; i++) {
        uint32_t seed = 1000 * i;

        pids[i] = start_child(be_client, &seed);
    }
    for (unsigned i = 0; i < 4; i++)
        expect_exit(pids[i], 0);
    end_partner(server);
}

static void register_calls_equal_memory_calls(void)
{
    struct partner server = start_partner(serve);
    struct tp_message message, sent;

    for (uint32_t i = 0; i < 20; i++) {
        fill_message(&message, 50 + i);
        message.type |= 1;
        sent = message;
        EQUAL(call_words(TP_CALL_CALL_WORDS, server.endpoint, &message), 0);
        EQUAL(message.type, sent.type);
        for (unsigned k = 0; k < REGISTER_WORDS; k++)
            CHECK(message.words[k] == sent.words[k] + 1);
    }
    end_partner(server);
}

static void send_words(void *argument)
{
    struct tp_message message;

    (void)argument;
    fill_message(&message, 31);
    EQUAL(call_words(TP_CALL_SEND_WORDS, parent_endpoint, &message), 0);
    fill_message(&message, 32);
    EQUAL(call_words(TP_CALL_SEND_WORDS, parent_endpoint, &message), 0);
    fill_message(&message, 33);
    EQUAL(send_to(parent_endpoint, &message, 0), 0);
}

static void register_and_memory_mix(void)
{
    pid_t pid;
    struct tp_message message;
    int32_t source;

    parent_endpoint = own_endpoint();
    pid = start_child(send_words, NULL);
    CHECK(receive_from(TP_ENDPOINT_ANY, &message, 0) >= 0);
    CHECK(is_message(&message, 31, REGISTER_WORDS));
    for (unsigned i = REGISTER_WORDS; i < TP_MESSAGE_WORDS; i++)
        EQUAL(message.words[i], 0); /* nothing of anybody's memory */
    source = (int32_t)message.source;
    EQUAL(call_words(TP_CALL_RECEIVE_WORDS, TP_ENDPOINT_ANY, &message), source);
    CHECK(is_message(&message, 32, REGISTER_WORDS));
    EQUAL(call_words(TP_CALL_RECEIVE_WORDS, TP_ENDPOINT_ANY, &message), source);
    CHECK(is_message(&message, 33, REGISTER_WORDS));
    expect_exit(pid, 0);
}

static void serve_words(void *argument)
{
    struct tp_message message;
    int32_t source;

    (void)argument;
    source = call_words(TP_CALL_RECEIVE_WORDS, TP_ENDPOINT_ANY, &message);
    while (source > 0 && message.type != 0) {
        for (unsigned i = 0; i < REGISTER_WORDS; i++)
            message.words[i]++;
        source = call_words(TP_CALL_REPLY_RECEIVE_WORDS, (uint32_t)source, &message);
    }
    CHECK(source > 0);
    EQUAL(CALL(TP_CALL_REPLY, (uint32_t)source, ADDRESS(&message)), 0);
}

static void server_in_registers(void)
{
    struct partner server = start_partner(serve_words);
    struct tp_message message, sent;

    for (uint32_t i = 0; i < 20; i++) {
        fill_message(&message, i);
        message.type |= 1;
        sent = message;
        if (i % 2 == 0)
            EQUAL(call_words(TP_CALL_CALL_WORDS, server.endpoint, &message), 0);
        else
            EQUAL(CALL(TP_CALL_CALL, server.endpoint, ADDRESS(&message)), 0);
        for (unsigned k = 0; k < REGISTER_WORDS; k++)
            CHECK(message.words[k] == sent.words[k] + 1);
    }
    end_partner(server);
}

/* As serve(), with an entry in its queue whenever it waits. */
static void serve_with_queue(void *argument)
{
    struct tp_message message;

    (void)argument;
    queue_open();
    CHECK(receive_from(TP_ENDPOINT_ANY, &message, 0) >= 0);
    for (uint32_t i = 0; message.type != 0; i++) {
        for (unsigned k = 0; k < TP_MESSAGE_WORDS; k++)
            message.words[k]++;
        queue_put(TP_CALL_NOTHING, i, 0, 0, 0);
        CHECK(CALL(TP_CALL_REPLY_RECEIVE, message.source, ADDRESS(&message)) >= 0);
        EQUAL(queue_collect().tag, i);
    }
    EQUAL(CALL(TP_CALL_REPLY, message.source, ADDRESS(&message)), 0);
}

/* What is in a queue is taken before its owner waits for others. */
static void queues_are_emptied_before_waiting(void)
{
    struct partner server = start_partner(serve_with_queue);
    struct tp_message message;

    queue_open();
    for (uint32_t i = 0; i < 10; i++) {
        queue_put(TP_CALL_NOTHING, i, 0, 0, 0);
        if (i % 3 == 0)
            call_partner(server.endpoint, 1, i);
        else if (i % 3 == 1) {
            fill_message(&message, i);
            message.type |= 1;
            EQUAL(call_words(TP_CALL_CALL_WORDS, server.endpoint, &message), 0);
        } else
            EQUAL(CALL(TP_CALL_YIELD), 0);
        EQUAL(queue_collect().tag, i);
        EQUAL(queue_ready(), 0);
    }
    end_partner(server);
}

static void do_nothing(void *argument)
{
    (void)argument;
    pause_ms(1000000);
}

static void timeouts(void)
{
    struct partner partner = start_partner(do_nothing);
    struct tp_message message = {0};
    uint32_t before = now_ticks();

    EQUAL(receive_from(TP_ENDPOINT_ANY, &message, 300000), -TP_ETIMEDOUT);
    CHECK(now_ticks() - before >= 300000);
    EQUAL(receive_from(partner.endpoint, &message, 1), -TP_ETIMEDOUT);
    EQUAL(send_to(partner.endpoint, &message, 300000), -TP_ETIMEDOUT);
    EQUAL(CALL(TP_CALL_CALL, partner.endpoint, ADDRESS(&message), 300000), -TP_ETIMEDOUT);
    CHECK(now_ticks() - before >= 900000);
    CHECK(now_ticks() - before < 20000000);
    kill(partner.pid, SIGKILL);
    expect_signal(partner.pid, SIGKILL);
}

static void receive_and_rest(void *argument)
{
    struct tp_message message;

    (void)argument;
    CHECK(receive_from(TP_ENDPOINT_ANY, &message, 0) >= 0);
    pause_ms(1000000);
}

static void no_answer_is_a_timeout(void)
{
    struct partner partner = start_partner(receive_and_rest);
    struct tp_message message = {0};

    EQUAL(CALL(TP_CALL_CALL, partner.endpoint, ADDRESS(&message), 500000), -TP_ETIMEDOUT);
    kill(partner.pid, SIGKILL);
    expect_signal(partner.pid, SIGKILL);
}

static void the_dead_are_nobody(void)
{
    struct partner partner = start_partner(do_nothing);
    struct tp_message message = {0};

    kill(partner.pid, SIGKILL);
    expect_signal(partner.pid, SIGKILL);
    for (unsigned i = 0; i < 120; i++) { /* also when the slot has had many others */
        if (i % 40 == 0) {
            EQUAL(send_to(partner.endpoint, &message, 100000), -TP_ESRCH);
            EQUAL(receive_from(partner.endpoint, &message, 100000), -TP_ESRCH);
            EQUAL(CALL(TP_CALL_CALL, partner.endpoint, ADDRESS(&message), 100000), -TP_ESRCH);
            CHECK(CALL(TP_CALL_REPLY, partner.endpoint, ADDRESS(&message)) < 0);
            EQUAL(CALL(TP_CALL_NOTIFY, partner.endpoint, 1), -TP_ESRCH);
        }
        fflush(stdout);
        pid_t pid = fork();
        if (pid == 0)
            _exit(own_endpoint() == partner.endpoint);
        expect_exit(pid, 0);
    }
}

static void rest_and_end(void *argument)
{
    (void)argument;
    pause_ms(5);
}

static void receive_once_and_end(void *argument)
{
    struct tp_message message;

    (void)argument;
    CHECK(receive_from(TP_ENDPOINT_ANY, &message, 0) >= 0);
    pause_ms(2);
}

static void those_who_wait_hear_of_the_end(void)
{
    struct tp_message message = {0};
    struct partner partner;

    partner = start_partner(rest_and_end);
    EQUAL(send_to(partner.endpoint, &message, 0), -TP_ESRCH);
    expect_exit(partner.pid, 0);
    partner = start_partner(rest_and_end);
    EQUAL(receive_from(partner.endpoint, &message, 0), -TP_ESRCH);
    expect_exit(partner.pid, 0);
    partner = start_partner(rest_and_end);
    EQUAL(CALL(TP_CALL_CALL, partner.endpoint, ADDRESS(&message), 0), -TP_ESRCH);
    expect_exit(partner.pid, 0);
    partner = start_partner(receive_once_and_end);
    EQUAL(CALL(TP_CALL_CALL, partner.endpoint, ADDRESS(&message), 0), -TP_ESRCH);
    expect_exit(partner.pid, 0);
}

static void wait_to_send(void *argument)
{
    struct tp_message message = {0};

    (void)argument;
    send_to(parent_endpoint, &message, 0);
    _exit(TEST_FAILED);
}

static void killed_senders_leave_nothing(void)
{
    struct tp_message message = {0};
    pid_t pid;

    parent_endpoint = own_endpoint();
    pid = start_child(wait_to_send, NULL);
    pause_ms(3);
    kill(pid, SIGKILL);
    expect_signal(pid, SIGKILL);
    EQUAL(receive_from(TP_ENDPOINT_ANY, &message, 100000), -TP_ETIMEDOUT);
}

static void notify_twice(void *argument)
{
    (void)argument;
    EQUAL(CALL(TP_CALL_NOTIFY, parent_endpoint, 0x5), 0);
    EQUAL(CALL(TP_CALL_NOTIFY, parent_endpoint, 0x50), 0);
}

static void notifications_wait_for_the_receiver(void)
{
    struct tp_message message = {0};

    parent_endpoint = own_endpoint();
    in_child(notify_twice, NULL);
    CHECK(receive_from(TP_ENDPOINT_ANY, &message, 0) >= 0);
    EQUAL(message.type, TP_MESSAGE_NOTIFY);
    EQUAL(message.words[0], 0x55);
    EQUAL(receive_from(TP_ENDPOINT_ANY, &message, 100000), -TP_ETIMEDOUT);
    EQUAL(CALL(TP_CALL_NOTIFY, own_endpoint(), 2), 0); /* also one's own */
    CHECK(receive_from(TP_ENDPOINT_ANY, &message, 0) >= 0);
    EQUAL(message.words[0], 2);
}

static void wrong_endpoints(void)
{
    static const uint32_t endpoints[] = {TP_ENDPOINT_HARDWARE, TP_ENDPOINT(95, 1), TP_ENDPOINT(96, 0),
        TP_ENDPOINT(255, 0xffffff), 0x7fffff00u, 0x80000000u, TP_ENDPOINT(20, 0xfffff)};
    struct tp_message message = {0};

    for (unsigned i = 0; i < sizeof endpoints / sizeof endpoints[0]; i++) {
        CHECK(send_to(endpoints[i], &message, 100000) < 0);
        CHECK(CALL(TP_CALL_CALL, endpoints[i], ADDRESS(&message), 100000) < 0);
        CHECK(CALL(TP_CALL_REPLY, endpoints[i], ADDRESS(&message)) < 0);
        CHECK(CALL(TP_CALL_NOTIFY, endpoints[i], 1) < 0);
        CHECK(call_words(TP_CALL_SEND_WORDS, endpoints[i], &message) < 0);
        CHECK(CALL(TP_CALL_GRANT, endpoints[i], ADDRESS(&message), 64, TP_GRANT_READ) < 0);
    }
    CHECK(send_to(TP_ENDPOINT_ANY, &message, 100000) < 0);
}

static void replies_need_a_call(void)
{
    struct partner partner = start_partner(do_nothing);
    struct tp_message message = {0};

    CHECK(CALL(TP_CALL_REPLY, partner.endpoint, ADDRESS(&message)) < 0);
    CHECK(CALL(TP_CALL_REPLY, own_endpoint(), ADDRESS(&message)) < 0);
    CHECK(CALL(TP_CALL_REPLY, parent_endpoint, ADDRESS(&message)) < 0);
    kill(partner.pid, SIGKILL);
    expect_signal(partner.pid, SIGKILL);
}

/* --- Messages to services: the same call, asked as a message -------------------------------------- */

static int32_t ask_service(enum tp_service service, uint32_t call, uint32_t word0, uint32_t word1,
                           uint32_t word2)
{
    struct tp_message message = {0, call, {word0, word1, word2}};
    int32_t result = CALL(TP_CALL_CALL, (uint32_t)service, ADDRESS(&message));

    return result < 0 ? result : (int32_t)message.words[0];
}

static void services_answer_messages(void)
{
    char buffer[16] = "";
    int ends[2];

    EQUAL(ask_service(TP_SERVICE_SYSTEM, TP_CALL_GETPID, 0, 0, 0), getpid());
    EQUAL(ask_service(TP_SERVICE_NAME, TP_CALL_PING, 42, 0, 0), 42);
    EQUAL(ask_service(TP_SERVICE_PROCESS, TP_CALL_GETPPID, 0, 0, 0), getppid());
    EQUAL(ask_service(TP_SERVICE_MEMORY, TP_CALL_SBRK, 0, 0, 0), ADDRESS(sbrk(0)));
    EQUAL(pipe(ends), 0);
    EQUAL(ask_service(TP_SERVICE_FILE, TP_CALL_WRITE, (uint32_t)ends[1], ADDRESS("by message"), 10), 10);
    EQUAL(ask_service(TP_SERVICE_FILE, TP_CALL_READ, (uint32_t)ends[0], ADDRESS(buffer), 16), 10);
    EQUAL(memcmp(buffer, "by message", 10), 0);
    EQUAL(ask_service(TP_SERVICE_FILE, TP_CALL_CLOSE, 30, 0, 0), -TP_EBADF);
    close(ends[0]);
    close(ends[1]);
}

static void services_refuse_wrong_messages(void)
{
    CHECK(ask_service(TP_SERVICE_FILE, TP_CALL_GETPPID, 0, 0, 0) < 0); /* another one's call */
    CHECK(ask_service(TP_SERVICE_FILE, TP_CALL_COUNT, 0, 0, 0) < 0);
    CHECK(ask_service(TP_SERVICE_FILE, 0xffffffff, 0, 0, 0) < 0);
    CHECK(ask_service(TP_SERVICE_SYSTEM, TP_CALL_POWER, 0, 0, 0) < 0);
    CHECK(ask_service(TP_SERVICE_PROCESS, TP_CALL_FORK, 0, 0, 0) < 0); /* by trap only */
    CHECK(ask_service(TP_SERVICE_DISK, TP_CALL_DISK_READ, 0, 0, 0) < 0);
    EQUAL(ask_service(TP_SERVICE_FILE, TP_CALL_OPEN, 16, 0, 0), -TP_EFAULT);
}

static void limit_child(void *argument)
{
    struct tp_message message = {0};
    uint32_t mask = 1u << 31 | 1u << TP_SERVICE_SYSTEM | 1u << TP_SERVICE_PROCESS;

    (void)argument;
    EQUAL(CALL(TP_CALL_LIMIT, mask), 0);
    EQUAL(ask_service(TP_SERVICE_NAME, TP_CALL_PING, 1, 0, 0), -TP_EPERM);
    EQUAL(CALL(TP_CALL_PING, 1), -TP_EPERM);
    EQUAL(CALL(TP_CALL_LIMIT, 0xffffffff), 0); /* never more again */
    EQUAL(CALL(TP_CALL_PING, 1), -TP_EPERM);
    EQUAL(CALL(TP_CALL_LIMIT, mask & 0x7fffffff), 0);
    EQUAL(send_to(parent_endpoint, &message, 100000), -TP_EPERM);
}

static void limits_hold(void)
{
    parent_endpoint = own_endpoint();
    EQUAL(ask_service(TP_SERVICE_NAME, TP_CALL_PING, 1, 0, 0), 1);
    in_child(limit_child, NULL);
    EQUAL(ask_service(TP_SERVICE_NAME, TP_CALL_PING, 1, 0, 0), 1);
}

static void register_and_rest(void *argument)
{
    (void)argument;
    EQUAL(CALL(TP_CALL_REGISTER, ADDRESS("calltest.partner")), 0);
    serve(NULL);
}

static void names_lead_to_endpoints(void)
{
    struct partner partner = start_partner(register_and_rest);
    int32_t found = -1;

    for (unsigned i = 0; i < 100 && found < 0; i++) {
        pause_ms(1);
        found = CALL(TP_CALL_LOOKUP, ADDRESS("calltest.partner"));
    }
    EQUAL(found, partner.endpoint);
    EQUAL(CALL(TP_CALL_LOOKUP, ADDRESS("fs")), TP_SERVICE_FILE);
    CHECK(CALL(TP_CALL_REGISTER, ADDRESS("fs")) < 0);
    CHECK(CALL(TP_CALL_REGISTER, ADDRESS("calltest.partner")) < 0);
    call_partner((uint32_t)found, 3, 5);
    end_partner(partner);
    CHECK(CALL(TP_CALL_LOOKUP, ADDRESS("calltest.partner")) < 0);
    CHECK(CALL(TP_CALL_LOOKUP, ADDRESS("nobody.has.this")) < 0);
}

static const struct test tests[] = {
    {"message_words_arrive", words_arrive},
    {"message_calls_are_answered", calls_are_answered},
    {"message_several_clients", several_clients},
    {"message_register_calls_equal_memory_calls", register_calls_equal_memory_calls},
    {"message_register_and_memory_mix", register_and_memory_mix},
    {"message_server_in_registers", server_in_registers},
    {"message_queues_are_emptied_before_waiting", queues_are_emptied_before_waiting},
    {"message_timeouts", timeouts},
    {"message_no_answer_is_a_timeout", no_answer_is_a_timeout},
    {"message_the_dead_are_nobody", the_dead_are_nobody},
    {"message_those_who_wait_hear_of_the_end", those_who_wait_hear_of_the_end},
    {"message_killed_senders_leave_nothing", killed_senders_leave_nothing},
    {"message_notifications_wait_for_the_receiver", notifications_wait_for_the_receiver},
    {"message_wrong_endpoints", wrong_endpoints},
    {"message_replies_need_a_call", replies_need_a_call},
    {"message_services_answer", services_answer_messages},
    {"message_services_refuse_wrong_ones", services_refuse_wrong_messages},
    {"message_limits_hold", limits_hold},
    {"message_names_lead_to_endpoints", names_lead_to_endpoints},
};

const struct test_table message_tests = TEST_TABLE(tests);
