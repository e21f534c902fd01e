/*
 * Failing on purpose, so that it can be seen what a failure does in each placement: lib/crash.c.
 */
#ifndef TURNPIKE_CRASH_H
#define TURNPIKE_CRASH_H

#include "turnpike/abi.h"

/* Fails in that way. Returns for TP_CRASH_MUTE, which is the caller's to do. */
void tp_crash(enum tp_crash how);

#endif
