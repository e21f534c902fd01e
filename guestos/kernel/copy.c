/* Checked copies from and to the memory of processes (copy.h). */
#include <string.h>

#include "kernel/copy.h"

uint32_t k_copied_bytes;

static bool is_user_range(uint32_t address, uint32_t bytes)
{
    return bytes <= TP_USER_END - TP_USER_FIRST && address >= TP_USER_FIRST &&
           address <= TP_USER_END - bytes;
}

/* As many of the bytes at an address as lie in its page. */
static uint32_t bytes_in_page(uint32_t address, uint32_t bytes)
{
    uint32_t room = TP_PAGE - address % TP_PAGE;

    return bytes < room ? bytes : room;
}

int k_check_range(struct process *process, uint32_t address, uint32_t bytes, enum space_use use,
                  uint32_t *ret_address)
{
    if (!is_user_range(address, bytes))
        return bytes == 0 ? 0 : -TP_EFAULT;
    while (bytes > 0) {
        uint32_t part = bytes_in_page(address, bytes);
        int result = k_space_prepare(process, address, use);

        if (result == K_ABSENT)
            *ret_address = address;
        if (result)
            return result;
        address += part;
        bytes -= part;
    }
    return 0;
}

int k_check_text(struct process *process, uint32_t address, uint32_t most, uint32_t *ret_bytes,
                 uint32_t *ret_address)
{
    for (uint32_t length = 0; length < most;) {
        uint32_t part = bytes_in_page(address + length, most - length);
        const char *text, *zero;
        int result;

        if (!is_user_range(address + length, 1))
            return -TP_EFAULT;
        result = k_space_prepare(process, address + length, K_USE_READ);
        if (result == K_ABSENT)
            *ret_address = address + length;
        if (result)
            return result;
        text = k_space_find(process, address + length, K_USE_READ);
        zero = memchr(text, '\0', part);
        if (zero) {
            *ret_bytes = length + (uint32_t)(zero - text);
            return 0;
        }
        length += part;
    }
    return -TP_ENAMETOOLONG;
}

int k_copy_from(struct process *process, void *to, uint32_t address, uint32_t bytes)
{
    char *next = to;

    if (!is_user_range(address, bytes))
        return bytes == 0 ? 0 : -TP_EFAULT;
    k_copied_bytes += bytes;
    while (bytes > 0) {
        uint32_t part = bytes_in_page(address, bytes);
        const void *from = k_space_find(process, address, K_USE_READ);

        if (!from)
            return -TP_EFAULT;
        memcpy(next, from, part);
        next += part;
        address += part;
        bytes -= part;
    }
    return 0;
}

/* Where the kernel writes a byte of a process: its page is made its own first. */
static void *find_to_write(struct process *process, uint32_t address, int *ret_result)
{
    void *to = k_space_find(process, address, K_USE_WRITE);

    if (to)
        return to;
    *ret_result = k_space_prepare(process, address, K_USE_WRITE);
    if (*ret_result == K_ABSENT)
        *ret_result = -TP_EFAULT;
    return *ret_result ? NULL : k_space_find(process, address, K_USE_WRITE);
}

int k_copy_to(struct process *process, uint32_t address, const void *from, uint32_t bytes)
{
    const char *next = from;
    int result = 0;

    if (!is_user_range(address, bytes))
        return bytes == 0 ? 0 : -TP_EFAULT;
    k_copied_bytes += bytes;
    while (bytes > 0) {
        uint32_t part = bytes_in_page(address, bytes);
        void *to = find_to_write(process, address, &result);

        if (!to)
            return result;
        memcpy(to, next, part);
        next += part;
        address += part;
        bytes -= part;
    }
    return 0;
}

int k_copy_between(struct process *to, uint32_t to_address, struct process *from,
                   uint32_t from_address, uint32_t bytes)
{
    if (!is_user_range(from_address, bytes))
        return bytes == 0 ? 0 : -TP_EFAULT;
    while (bytes > 0) {
        uint32_t part = bytes_in_page(from_address, bytes);
        const void *source = k_space_find(from, from_address, K_USE_READ);
        int result = source ? k_copy_to(to, to_address, source, part) : -TP_EFAULT;

        if (result)
            return result;
        to_address += part;
        from_address += part;
        bytes -= part;
    }
    return 0;
}
