/* Memory of one command. See sh.h. */
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "sh.h"

static struct {
    size_t used;
    max_align_t bytes[32768 / sizeof(max_align_t)];
} arena;

void *sh_alloc(size_t bytes)
{
    char *at = (char *)arena.bytes + arena.used;

    bytes = (bytes + sizeof(max_align_t) - 1) / sizeof(max_align_t) * sizeof(max_align_t);
    if (bytes > sizeof arena.bytes - arena.used) {
        sh_complain("command", "too long");
        _exit(2);
    }
    arena.used += bytes;
    return memset(at, 0, bytes);
}

char *sh_copy(const char *text, size_t length)
{
    return memcpy(sh_alloc(length + 1), text, length);
}

void sh_empty(void)
{
    arena.used = 0;
}
