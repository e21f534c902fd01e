// The same table as in table.c, in assembly: the parts in order, word by word.
#include "guest_table.h"

        .data
        .p2align 2
processes:                                      // pid, state, name, waits_for, waits_in
ping:   .word   1, 3
        .asciz  "ping"
        .space  7
        .word   pong, 1
pong:   .word   2, 3
        .asciz  "pong"
        .space  7
        .word   ping, 0
        .space  2 * 28
        .equ    PROCESS_BYTES, 28

        .rodata
        .p2align 2
        .globl  tollgate_guest_table
        .type   tollgate_guest_table, @object
tollgate_guest_table:
        .word   TG_TABLE_MAGIC, TG_TABLE_VERSION
        tg_text "two who wait"                  // name
        .word   lists, 2                        // lists, how many
        .word   0                               // bias
        .word   64, 17                          // calls: trap 64, number in a7
        .size   tollgate_guest_table, . - tollgate_guest_table

lists:  .word   process_list, call_list

process_list:
        tg_text "processes"                     // name
        .word   0                               // no meaning
        .word   processes, 4, 0                 // rows, how many of them
        .word   TG_TABLE_SHAPE_ARRAY, PROCESS_BYTES
        .word   0, 0, 0                         // no list in a row
        .word   process_fields, 5
        .word   0                               // rows have no names but their own
        .word   2, 1, 0                         // used, key, service

process_fields:
        tg_field "pid", TG_TABLE_KIND_SIGNED, 0
        tg_field "state", TG_TABLE_KIND_ENUM, 4, 4, states
        tg_field "name", TG_TABLE_KIND_TEXT, 8, 12
        tg_field "waits_for", TG_TABLE_KIND_POINTER, 20, 4, processes_text
        tg_field "waits_in", TG_TABLE_KIND_INDEX, 24, 4, calls_text

call_list:
        .word   calls_text, 0, 0, 2, 0
        .word   TG_TABLE_SHAPE_ARRAY, 0, 0, 0, 0
        .word   0, 0                            // no fields
        .word   call_names
        .word   0, 0, 0

states: .word   4, 1f
1:      tg_text "free"
        tg_text "ready"
        tg_text "running"
        tg_text "waiting"
call_names:
        .word   2, 1f
1:      tg_text "send"
        tg_text "receive"

processes_text: .asciz "processes"
calls_text: .asciz "calls"

        .text
        .globl  main
        .type   main, @function
main:   li      a0, 0
        ret
