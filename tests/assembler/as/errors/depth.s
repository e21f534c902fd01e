# A macro that never ends.
        .macro  forever
        forever
        .endm
        forever
