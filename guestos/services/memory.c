/*
 * The memory service: heaps and stacks that grow, memory that appears when it is touched, and the
 * spaces of new programs. The kernel has the page tables; this service decides what is in them.
 *
 * Memory is promised before it is there: the zeros behind a program's variables and what sbrk adds
 * to the heap get pages when they are touched. No more is promised than is free, so a touch in the
 * heap does not fail. Pages shared since a fork and copied when written, and the stack, are not
 * promised: a process whose touch finds no page ends, and only that one.
 * Manual: docs/turnpike.md, "Memory".
 */
#include "isa/isa.h"
#include "turnpike/service.h"

/* Pages that only touches may use, so that a program that takes all there is leaves the others, and
 * the kernel's page tables, room to go on. */
#define RESERVED_PAGES 32

#define STACK_FIRST    (TP_STACK_TOP - TP_STACK_BYTES)

/* End of what a program and its heap may use; below 2^31, so that addresses are answers. Between it
 * and the stack is never anything. */
#define HEAP_LIMIT 0x7ffff000u

_Static_assert(HEAP_LIMIT < STACK_FIRST, "the heap stays below the stack");

/* A process's memory. */
struct space {
    uint32_t endpoint;   /* whose; 0: of none */
    uint32_t lazy_first; /* from this page to the heap's end pages appear when they are touched */
    uint32_t heap_start, heap_end;
    uint32_t promised; /* pages of these that are not there yet */
    uint32_t writable; /* pages that it may write and that are there */
    uint32_t building; /* likewise of the space that an exec builds beside this one */
};

static struct {
    struct space spaces[TP_PROCESSES];
    uint32_t promised; /* to all together */
} memory;

static uint32_t page_down(uint32_t address)
{
    return address & ~(TP_PAGE - 1);
}

/* Of an address at most HEAP_LIMIT. */
static uint32_t page_up(uint32_t address)
{
    return page_down(address + TP_PAGE - 1);
}

static uint32_t pages_between(uint32_t first, uint32_t end)
{
    return (page_up(end) - page_up(first)) / TP_PAGE;
}

static int32_t kernel(enum tp_call call, uint32_t a0, uint32_t a1, uint32_t a2, uint32_t a3)
{
    return tp_system(TP_SERVICE_MEMORY, call, a0, a1, a2, a3);
}

/* Whether pages may be taken that are not promised to anybody. */
static bool is_free(uint32_t pages, uint32_t reserve)
{
    uint32_t kept = memory.promised + reserve;
    uint32_t free = (uint32_t)kernel(TP_CALL_FREE_PAGES, 0, 0, 0, 0);

    return free >= kept && free - kept >= pages;
}

/* --- Spaces ---------------------------------------------------------------------------------- */

/* The space of a process, or NULL. */
static struct space *find(tp_word endpoint)
{
    uint32_t slot = TP_ENDPOINT_SLOT(endpoint);

    if (slot < TP_SERVICE_COUNT || slot >= TP_PROCESSES || memory.spaces[slot].endpoint != endpoint)
        return NULL;
    return &memory.spaces[slot];
}

/* The same, made empty if the process is new. */
static struct space *find_or_make(tp_word endpoint)
{
    struct space *space = &memory.spaces[TP_ENDPOINT_SLOT(endpoint) % TP_PROCESSES];

    if (space->endpoint == 0)
        *space = (struct space){.endpoint = (uint32_t)endpoint};
    return find(endpoint);
}

static void promise(struct space *space, uint32_t pages)
{
    space->promised += pages;
    memory.promised += pages;
}

static void keep_promise(struct space *space, uint32_t pages)
{
    space->promised -= pages;
    memory.promised -= pages;
}

/* --- Programs grow --------------------------------------------------------------------------- */

static int32_t grow_heap(struct space *space, uint32_t bytes)
{
    uint32_t before = space->heap_end, pages;

    if (bytes > HEAP_LIMIT - before)
        return -TP_ENOMEM;
    pages = pages_between(before, before + bytes);
    if (pages && !is_free(pages, RESERVED_PAGES))
        return -TP_ENOMEM;
    promise(space, pages);
    space->heap_end = before + bytes;
    return (int32_t)before;
}

static int32_t shrink_heap(struct space *space, uint32_t bytes)
{
    uint32_t before = space->heap_end, pages;

    if (bytes > before - space->heap_start)
        return -TP_EINVAL;
    pages = pages_between(before - bytes, before);
    if (pages) {
        uint32_t there = (uint32_t)kernel(TP_CALL_SPACE_UNMAP, space->endpoint,
                                          page_up(before - bytes), pages, 0);

        space->writable -= there;
        keep_promise(space, pages - there);
    }
    space->heap_end = before - bytes;
    return (int32_t)before;
}

static int32_t move_heap_end(struct space *space, int32_t bytes)
{
    return bytes >= 0 ? grow_heap(space, (uint32_t)bytes) : shrink_heap(space, 0 - (uint32_t)bytes);
}

/* A page that is not there was touched, and is not of the heap (handle); the kernel does not ask twice for
 * the same one. */
static int32_t touch(struct space *space, uint32_t address, uint32_t access)
{
    if (access == TG_ACCESS_FETCH || address < STACK_FIRST || address >= TP_STACK_TOP)
        return -TP_EFAULT;
    if (!is_free(1, 0))
        return -TP_ENOMEM;
    space->writable++;
    return TP_MAP_WRITE;
}

/* --- For the process service ----------------------------------------------------------------- */

/* The child may have to copy each page that it shares with its parent, and has the same promises.
 */
static int32_t copy_space(struct space *parent, tp_word child_endpoint)
{
    struct space *child = find_or_make(child_endpoint);
    int32_t result;

    if (!child)
        return -TP_EINVAL;
    if (!is_free(parent->promised + parent->writable, RESERVED_PAGES)) {
        child->endpoint = 0;
        return -TP_ENOMEM;
    }
    result = kernel(TP_CALL_SPACE_COPY, parent->endpoint, child->endpoint, 0, 0);
    if (result < 0) {
        kernel(TP_CALL_SPACE_CLEAR, child->endpoint, 0, 0, 0);
        child->endpoint = 0;
        return result;
    }
    *child = *parent;
    child->endpoint = (uint32_t)child_endpoint;
    child->building = 0;
    memory.promised += child->promised;
    return 0;
}

static int32_t begin(struct space *space)
{
    space->building = 0;
    return kernel(TP_CALL_SPACE_BEGIN, space->endpoint, 0, 0, 0);
}

static int32_t map(struct space *space, uint32_t address, uint32_t bytes, uint32_t how)
{
    uint32_t first = page_down(address), pages;
    int32_t added;

    if (address < TP_USER_FIRST || bytes == 0 || address >= TP_STACK_TOP ||
        bytes > TP_STACK_TOP - address)
        return -TP_EINVAL;
    pages = (page_up(address + bytes) - first) / TP_PAGE;
    if (!is_free(pages, RESERVED_PAGES))
        return -TP_ENOMEM;
    added = kernel(TP_CALL_SPACE_MAP, space->endpoint, first, pages, how);
    if (added > 0 && how & TP_MAP_WRITE)
        space->building += (uint32_t)added;
    return added < 0 ? added : 0;
}

static int32_t commit(struct space *space, uint32_t zeros, uint32_t heap_start)
{
    uint32_t pages;
    int32_t result;

    if (zeros > heap_start || heap_start > HEAP_LIMIT)
        return -TP_EINVAL;
    pages = pages_between(zeros, heap_start);
    if (!is_free(pages, RESERVED_PAGES))
        return -TP_ENOMEM;
    result = kernel(TP_CALL_SPACE_COMMIT, space->endpoint, 0, 0, 0);
    if (result < 0)
        return result;
    keep_promise(space, space->promised);
    promise(space, pages);
    space->lazy_first = page_up(zeros);
    space->heap_start = space->heap_end = heap_start;
    space->writable = space->building;
    return 0;
}

static int32_t release(struct space *space)
{
    keep_promise(space, space->promised);
    kernel(TP_CALL_SPACE_CLEAR, space->endpoint, 0, 0, 0);
    space->endpoint = 0;
    return 0;
}

/* --- The service ----------------------------------------------------------------------------- */

/* Calls of the process service, about the process whose endpoint is the first argument. */
static int32_t arrange(enum tp_call call, const tp_word *args)
{
    struct space *space = call == TP_CALL_MEMORY_BEGIN ? find_or_make(args[0]) : find(args[0]);

    if (!space) /* one that ends before it had a program has no memory */
        return call == TP_CALL_MEMORY_FREE ? 0 : -TP_ESRCH;
    switch (call) {
    case TP_CALL_MEMORY_FORK:
        return copy_space(space, args[1]);
    case TP_CALL_MEMORY_BEGIN:
        return begin(space);
    case TP_CALL_MEMORY_MAP:
        return map(space, (uint32_t)args[1], (uint32_t)args[2], (uint32_t)args[3]);
    case TP_CALL_MEMORY_COMMIT:
        return commit(space, (uint32_t)args[1], (uint32_t)args[2]);
    case TP_CALL_MEMORY_ABANDON:
        return kernel(TP_CALL_SPACE_ABANDON, space->endpoint, 0, 0, 0);
    case TP_CALL_MEMORY_FREE:
        return release(space);
    default:
        return -TP_ENOSYS;
    }
}

static __attribute__((noinline)) void handle_other(struct request *request)
{
    const tp_word *args = request->args;
    struct space *own = find(request->caller);
    int32_t result;

    switch (request->call) {
    case TP_CALL_PAGE_FAULT:
        result = own ? touch(own, (uint32_t)args[0], (uint32_t)args[1]) : -TP_EFAULT;
        break;
    case TP_CALL_SBRK:
        result = own ? move_heap_end(own, (int32_t)args[0]) : -TP_EPERM;
        break;
    default:
        result = arrange((enum tp_call)request->call, args);
        break;
    }
    tp_answer(request, result);
}

/* Most are the first touches of a page of the heap: this comes before all else, and calls nothing. */
static void handle(struct request *request)
{
    struct space *own = find(request->caller);
    uint32_t page = page_down((uint32_t)request->args[0]);

    if (request->call != TP_CALL_PAGE_FAULT || !own || page < own->lazy_first ||
        page >= own->heap_end || request->args[1] == TG_ACCESS_FETCH) {
        handle_other(request);
        return;
    }
    own->writable++;
    keep_promise(own, 1);
    tp_answer(request, TP_MAP_WRITE); /* the kernel makes the page */
}

const struct service memory_service = {.id = TP_SERVICE_MEMORY, .handle = handle};
