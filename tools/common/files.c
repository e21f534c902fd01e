/* See files.h. Errors begin with the name of the running program. */
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool fail(const char *what, const char *path, const char *why)
{
    fprintf(stderr, "%s: %s %s: %s\n", program_invocation_short_name, what, path, why);
    return false;
}

/* Reads all of stream; grows the buffer by doubling up to limit. */
static bool stream_read(FILE *stream, size_t limit, struct file_bytes *ret_file, const char **ret_why)
{
    size_t size = 0, room = 65536;
    uint8_t *bytes = malloc(room + 1);
    while (bytes != NULL) {
        size += fread(bytes + size, 1, room - size, stream);
        if (size > limit || size < room)
            break;
        room *= 2;
        uint8_t *more = realloc(bytes, room + 1);
        if (more == NULL)
            free(bytes);
        bytes = more;
    }
    *ret_why = NULL;
    if (bytes == NULL)
        *ret_why = "not enough memory to read it";
    else if (ferror(stream))
        *ret_why = strerror(errno);
    else if (size > limit)
        *ret_why = "is larger than this kind of file can be";
    if (*ret_why != NULL) {
        free(bytes);
        return false;
    }
    bytes[size] = 0;
    *ret_file = (struct file_bytes){bytes, size};
    return true;
}

bool file_read(const char *what, const char *path, size_t limit, struct file_bytes *ret_file)
{
    const char *why;
    if (strcmp(path, "-") == 0)
        return stream_read(stdin, limit, ret_file, &why) || fail(what, "from standard input", why);
    struct stat status;
    if (stat(path, &status) != 0)
        return fail(what, path, strerror(errno));
    if (S_ISDIR(status.st_mode))
        return fail(what, path, "is a folder, expected a file");
    FILE *stream = fopen(path, "rb");
    if (stream == NULL)
        return fail(what, path, strerror(errno));
    bool is_read = stream_read(stream, limit, ret_file, &why);
    fclose(stream);
    return is_read || fail(what, path, why);
}

bool file_is_writable(const char *what, const char *path)
{
    char folder[PATH_MAX];
    const char *slash = strrchr(path, '/');
    if (access(path, F_OK) == 0) {
        struct stat status;
        if (stat(path, &status) == 0 && S_ISDIR(status.st_mode))
            return fail(what, path, "is a folder, expected a file to write");
        return access(path, W_OK) == 0 || fail(what, path, strerror(errno));
    }
    snprintf(folder, sizeof folder, "%.*s", slash != NULL ? (int)(slash - path) + 1 : 1, slash != NULL ? path : ".");
    return access(folder, W_OK) == 0 || fail(what, path, strerror(errno));
}

bool file_is_same(const char *path, const char *other)
{
    struct stat status, other_status;
    return stat(path, &status) == 0 && stat(other, &other_status) == 0 && S_ISREG(status.st_mode) &&
           status.st_dev == other_status.st_dev && status.st_ino == other_status.st_ino;
}

bool file_write(const char *what, const char *path, const void *bytes, size_t size)
{
    struct stat status;
    if (stat(path, &status) == 0 && !S_ISREG(status.st_mode)) { /* /dev/stdout and the like cannot be replaced */
        FILE *stream = fopen(path, "wb");
        bool is_written = stream != NULL && fwrite(bytes, 1, size, stream) == size;
        if (stream != NULL && fclose(stream) != 0)
            is_written = false;
        return is_written || fail(what, path, strerror(errno));
    }
    char beside[PATH_MAX];
    if (snprintf(beside, sizeof beside, "%s.XXXXXX", path) >= (int)sizeof beside)
        return fail(what, path, "the name is too long");
    int descriptor = mkstemp(beside);
    if (descriptor < 0)
        return fail(what, path, strerror(errno));
    mode_t mask = umask(0);
    umask(mask);
    FILE *stream = fdopen(descriptor, "wb");
    bool is_written = stream != NULL && fwrite(bytes, 1, size, stream) == size && fflush(stream) == 0 &&
                      fchmod(descriptor, 0666 & ~mask) == 0;
    if (stream != NULL)
        is_written = fclose(stream) == 0 && is_written;
    else
        close(descriptor);
    is_written = is_written && rename(beside, path) == 0;
    if (!is_written) {
        int error = errno;
        unlink(beside);
        return fail(what, path, strerror(error));
    }
    return true;
}
