/* The loop for observers of instructions and memory accesses. */
#include "core/fast/fast.h"
#include "core/note.h"
#include "core/points.h"

#define FAST_OBSERVED 1
#define FAST_RUN      tg_fast_run_observed
#include "core/fast/fast_loop.inc"
