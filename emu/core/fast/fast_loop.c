/* The loop that does nothing but execute. */
#include "core/fast/fast.h"
#include "core/points.h"

#define FAST_OBSERVED 0
#define FAST_RUN      tg_fast_run_plain
#include "core/fast/fast_loop.inc"
