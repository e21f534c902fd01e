/*
 * A program's side of its queue (turnpike/queue.h): the synchronous call over it, and what of batches is not
 * inline.
 */
#include "turnpike/queue.h"

#include "gate.h"
#include "turnpike.h"

/* The tag of the one synchronous call that there can be at a time. */
#define OWN_TAG 0xffffffffu

/* Looks at the queue before a polled process waits in the kernel. */
#define LOOKS 2000

/* Completions of a batch that came while a synchronous call waited for its own. */
static struct tp_completion kept[TP_QUEUE_COMPLETIONS];
static uint32_t kept_first, kept_end;

int tp_queue_open(void)
{
    return tp_result(tp_trap(TP_CALL_QUEUE_OPEN, 1, 0, 0, 0, 0, 0));
}

int tp_enter(unsigned completions)
{
    return tp_result(tp_trap(TP_CALL_QUEUE_ENTER, completions, 0, 0, 0, 0, 0));
}

static int take(struct tp_completion *completion)
{
    volatile struct tp_queue *queue = TP_QUEUE;
    uint32_t collected = queue->collected;

    if (queue->completed == collected)
        return 0;
    completion->tag = queue->completions[collected % TP_QUEUE_COMPLETIONS].tag;
    completion->result = queue->completions[collected % TP_QUEUE_COMPLETIONS].result;
    queue->collected = collected + 1;
    return 1;
}

int tp_collect(struct tp_completion *completion)
{
    if (kept_first == kept_end)
        return take(completion);
    *completion = kept[kept_first++ % TP_QUEUE_COMPLETIONS];
    return 1;
}

/* Until there is something to collect. */
static void wait_for_any(void)
{
    volatile struct tp_queue *queue = TP_QUEUE;

    for (uint32_t i = 0; queue->is_polled && i < LOOKS; i++)
        if (queue->completed != queue->collected)
            return;
    tp_trap(TP_CALL_QUEUE_ENTER, 1, 0, 0, 0, 0, 0);
}

int32_t tp_call_queued(uint32_t number, const tp_word *args)
{
    struct tp_completion completion;

    while (tp_submit(number, args[0], args[1], args[2], args[3], args[4], args[5], OWN_TAG) < 0)
        tp_trap(TP_CALL_QUEUE_ENTER, 0, 0, 0, 0, 0, 0); /* a batch fills it */
    for (;;) {
        while (!take(&completion))
            wait_for_any();
        if (completion.tag == OWN_TAG)
            return completion.result;
        kept[kept_end++ % TP_QUEUE_COMPLETIONS] = completion;
    }
}
