/* The rows of calls.def as data. (A file of its own: the services' names there are names of C's too.) */
#include "calltest.h"

#define NONE            {RANGE_NONE, 0, -1, 0}
#define PATH(n)         {RANGE_PATH, (n), -1, 0}
#define IN(n, m)        {RANGE_IN, (n), (m), 0}
#define OUT(n, m)       {RANGE_OUT, (n), (m), 0}
#define IN_FIXED(n, b)  {RANGE_IN, (n), -1, (b)}
#define OUT_FIXED(n, b) {RANGE_OUT, (n), -1, (b)}

/* The words of the column `flags`; only one matters here. */
enum { ALONE = 1, PROMPT = 0, PROBE = 0, QUICK = 0, REPEAT = 0, WHOLE = 0 };

/* The words of the column `who`, as masks. */
enum who {
#define TP_SERVICE(ID, ...) ID = 1 << TP_SERVICE_##ID,
#include "turnpike/services.def"
    KERNEL = 0,
    SERVICES = (1 << TP_SERVICE_COUNT) - 1,
};
#define ALL CALL_FOR_ALL

const struct call_row call_rows[TP_CALL_COUNT] = {
#define TP_CALL(ID, name, SERVICE, who, range1, range2, flags, meaning)                            \
    [TP_CALL_##ID] = {name, TP_SERVICE_##SERVICE, (uint32_t)(who), {range1, range2},               \
                      ((flags)&ALONE) != 0},
#include "turnpike/calls.def"
};
