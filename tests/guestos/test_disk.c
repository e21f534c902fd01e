/* Tests of the disk's driver, guestos/services/disk.c. */
#include <string.h>

#include "device_disk.h"
#include "host.h"

#define SECTORS 1000u
#define FILES   TP_SERVICE_FILE /* the caller */

static unsigned char buffer[65536], other[65536];

static void begin(void)
{
    device_begin(SECTORS);
    host_place(&disk_service, NULL, 0);
}

static struct host_call *ask(enum tp_call call, tp_word sector, void *memory, tp_word bytes)
{
    struct host_call *asked =
        host_ask(FILES, call, (const tp_word[TP_ARGUMENTS]){sector, 0, (tp_word)memory, bytes});
    host_run();
    return asked;
}

/* Lets the device work until the call is answered; its result. */
static int32_t finish(struct host_call *call)
{
    for (int i = 0; i < 100 && !call->is_answered; i++) {
        if (device_complete())
            host_run();
        else
            host_advance(400000);
    }
    ck_assert(call->is_answered);
    return call->result;
}

static int32_t transfer(enum tp_call call, tp_word sector, void *memory, tp_word bytes)
{
    return finish(ask(call, sector, memory, bytes));
}

START_TEST(sectors_are_read_and_written)
{
    begin();
    ck_assert_int_eq(HOST(FILES, DISK_INFO, 0), SECTORS);
    ck_assert_int_eq(transfer(TP_CALL_DISK_READ, 7, buffer, 1024), 0);
    ck_assert(buffer[0] == 7 && buffer[511] == 7 && buffer[512] == 8);
    memset(buffer, 0xa5, sizeof buffer);
    ck_assert_int_eq(transfer(TP_CALL_DISK_WRITE, SECTORS - 128, buffer, sizeof buffer), 0);
    ck_assert_mem_eq(device_sector(SECTORS - 128), buffer, sizeof buffer);
    ck_assert_int_eq(transfer(TP_CALL_DISK_READ, SECTORS - 128, other, sizeof other), 0);
    ck_assert_mem_eq(other, buffer, sizeof other);
}
END_TEST

START_TEST(requests_are_served_in_their_order)
{
    begin();
    memset(buffer, 1, sizeof buffer);
    memset(other, 2, sizeof other);
    struct host_call *calls[] = {
        ask(TP_CALL_DISK_WRITE, 5, buffer, 512),
        ask(TP_CALL_DISK_WRITE, 5, other, 512),
        ask(TP_CALL_DISK_READ, 5, buffer, 512),
    };
    for (int i = 0; i < 3; i++) {
        ck_assert(!calls[i]->is_answered);
        ck_assert_int_eq(finish(calls[i]), 0);
    }
    ck_assert_uint_eq(device_commands, 3);
    ck_assert_uint_eq(buffer[0], 2);
}
END_TEST

START_TEST(what_is_not_on_the_disk_is_refused)
{
    begin();
    const tp_word bad[][2] = {
        {SECTORS, 512},     {SECTORS - 1, 1024},       {0, 0}, {0, 100}, {0, 65536 + 512},
        {0xffffffffu, 512}, {0xffffffffu, 0xfffffe00u}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        ck_assert_int_eq(HOST(FILES, DISK_READ, bad[i][0], 0, (tp_word)buffer, bad[i][1]),
                         -TP_EINVAL);
        ck_assert_int_eq(HOST(FILES, DISK_WRITE, bad[i][0], 0, (tp_word)buffer, bad[i][1]),
                         -TP_EINVAL);
    }
}
END_TEST

START_TEST(without_a_disk_there_is_an_error)
{
    device_begin(0);
    host_place(&disk_service, NULL, 0);
    ck_assert_int_eq(HOST(FILES, DISK_INFO, 0), 0);
    ck_assert_int_eq(HOST(FILES, DISK_READ, 0, 0, (tp_word)buffer, 512), -TP_ENXIO);
}
END_TEST

START_TEST(a_failing_command_is_given_again_then_it_is_an_error)
{
    begin();
    device_faults.errors = 3;
    ck_assert_int_eq(transfer(TP_CALL_DISK_READ, 3, buffer, 512), 0);
    ck_assert_uint_eq(device_commands, 4);
    ck_assert_uint_eq(buffer[100], 3);
    device_faults.errors = 4;
    ck_assert_int_eq(transfer(TP_CALL_DISK_WRITE, 4, buffer, 512), -TP_EIO);
    ck_assert_uint_eq(device_commands, 8);
    ck_assert_uint_eq(device_sector(4)[0], 4);
    ck_assert_int_eq(transfer(TP_CALL_DISK_WRITE, 4, buffer, 512), 0);
}
END_TEST

START_TEST(a_lost_interrupt_is_noticed)
{
    begin();
    device_faults.lost_interrupts = 1;
    ck_assert_int_eq(transfer(TP_CALL_DISK_READ, 9, buffer, 512), 0);
    ck_assert_uint_eq(buffer[0], 9);
    ck_assert_uint_eq(device_commands, 1);
    ck_assert_int_eq(transfer(TP_CALL_DISK_READ, 10, buffer, 512), 0);
    ck_assert_uint_eq(buffer[0], 10);
}
END_TEST

START_TEST(a_lost_command_is_given_again)
{
    begin();
    device_faults.silences = 2;
    ck_assert_int_eq(transfer(TP_CALL_DISK_READ, 9, buffer, 512), 0);
    ck_assert_uint_eq(buffer[0], 9);
    ck_assert_ptr_null(host_failure(TP_SERVICE_DISK));
}
END_TEST

START_TEST(a_device_that_stays_busy_ends_the_driver)
{
    begin();
    device_faults.stuck = 100;
    ask(TP_CALL_DISK_READ, 9, buffer, 512);
    for (int i = 0; i < 10 && !host_failure(TP_SERVICE_DISK); i++)
        host_advance(400000);
    ck_assert_str_eq(host_failure(TP_SERVICE_DISK), "the disk does not complete its commands");
}
END_TEST

START_TEST(a_predecessors_command_is_waited_for)
{
    device_begin(SECTORS);
    device_set_busy();
    host_place(&disk_service, NULL, 0);
    struct host_call *call = ask(TP_CALL_DISK_READ, 20, buffer, 512);
    ck_assert(device_complete());
    host_run();
    ck_assert(!call->is_answered);
    ck_assert_int_eq(finish(call), 0);
    ck_assert_uint_eq(buffer[0], 20);
}
END_TEST

START_TEST(an_interrupt_that_nobody_asked_for_changes_nothing)
{
    begin();
    host_interrupt(TP_SERVICE_DISK, 14);
    host_run();
    struct host_call *call = ask(TP_CALL_DISK_READ, 20, buffer, 512);
    host_interrupt(TP_SERVICE_DISK, 14);
    host_run();
    ck_assert(!call->is_answered);
    ck_assert_int_eq(finish(call), 0);
    ck_assert_uint_eq(buffer[0], 20);
}
END_TEST

HOST_MAIN("disk", sectors_are_read_and_written, requests_are_served_in_their_order,
          what_is_not_on_the_disk_is_refused, without_a_disk_there_is_an_error,
          a_failing_command_is_given_again_then_it_is_an_error, a_lost_interrupt_is_noticed,
          a_lost_command_is_given_again, a_device_that_stays_busy_ends_the_driver,
          a_predecessors_command_is_waited_for, an_interrupt_that_nobody_asked_for_changes_nothing)
