/* Streams: see stdio.h. */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib.h"

enum mode { CLOSED, READING, WRITING };

struct file {
    int file;
    enum mode mode;                        /* what the buffer holds now */
    bool is_readable, is_writable, is_opened;
    bool is_plain;                         /* written out after each call: standard error */
    bool is_checked, is_terminal;          /* asked whether it is one; the answer */
    bool is_at_end, has_failed;
    unsigned used, next;                   /* bytes in the buffer; the next to read */
    char bytes[BUFSIZ];
};

/* The first three are open from the start. In .bss, so that what no program uses costs no room in its
 * file, and what one does not touch no memory. */
static struct file files[FOPEN_MAX];

FILE *const stdin = &files[0];
FILE *const stdout = &files[1];
FILE *const stderr = &files[2];

/* --- Buffers ----------------------------------------------------------------------------------- */

static bool write_all(int file, const char *bytes, size_t count)
{
    while (count > 0) {
        ssize_t done = write(file, bytes, count);

        if (done < 0)
            return false;
        bytes += done;
        count -= (size_t)done;
    }
    return true;
}

/* Writes out what is to be written; gives back to the file what was read ahead. */
static int settle(FILE *stream)
{
    unsigned used = stream->used;
    bool is_done = true;

    stream->used = 0;
    if (stream->mode == WRITING && used > 0)
        is_done = write_all(stream->file, stream->bytes, used);
    else if (stream->mode == READING && used > stream->next)
        (void)lseek(stream->file, (off_t)stream->next - (off_t)used, SEEK_CUR);
    stream->next = 0;
    stream->mode = CLOSED;
    stream->has_failed = stream->has_failed || !is_done;
    return is_done ? 0 : EOF;
}

int fflush(FILE *stream)
{
    int result = 0;

    if (stream)
        return stream->mode == WRITING ? settle(stream) : 0;
    for (int i = 0; i < FOPEN_MAX; i++)
        if (files[i].mode == WRITING && settle(&files[i]) != 0)
            result = EOF;
    return result;
}

static void write_out(void)
{
    fflush(NULL);
}

static void prepare_standard(FILE *stream)
{
    stream->file = (int)(stream - files);
    stream->is_readable = stream == stdin;
    stream->is_writable = stream != stdin;
    stream->is_plain = stream == stderr;
    stream->is_opened = true;
}

/* Makes the buffer one for reading or writing; false if the stream is not for that. */
static bool turn(FILE *stream, enum mode mode)
{
    if (stream->mode == mode)
        return true;
    if (!stream->is_opened && stream <= stderr)
        prepare_standard(stream);
    if (!(mode == READING ? stream->is_readable : stream->is_writable)) {
        stream->has_failed = true;
        errno = EBADF;
        return false;
    }
    settle(stream);
    stream->mode = mode;
    tp_before_fork = write_out;
    return true;
}

/* --- Opening ----------------------------------------------------------------------------------- */

static int flags_of(const char *mode)
{
    int flags = strchr(mode, '+') ? O_RDWR : *mode == 'r' ? O_RDONLY : O_WRONLY;

    if (*mode == 'w')
        return flags | O_CREAT | O_TRUNC;
    if (*mode == 'a')
        return flags | O_CREAT | O_APPEND;
    if (*mode == 'r')
        return flags;
    errno = EINVAL;
    return -1;
}

FILE *fdopen(int file, const char *mode)
{
    int flags = flags_of(mode);
    FILE *stream = stderr + 1;

    if (flags < 0)
        return NULL;
    while (stream < files + FOPEN_MAX && stream->is_opened)
        stream++;
    if (stream == files + FOPEN_MAX) {
        errno = EMFILE;
        return NULL;
    }
    *stream = (struct file){.file = file, .is_opened = true};
    stream->is_readable = !(flags & O_WRONLY);
    stream->is_writable = flags & (O_WRONLY | O_RDWR);
    return stream;
}

FILE *fopen(const char *path, const char *mode)
{
    int flags = flags_of(mode);
    int file = flags < 0 ? -1 : open(path, flags, 0666);
    FILE *stream = file < 0 ? NULL : fdopen(file, mode);

    if (file >= 0 && !stream) {
        close(file);
        errno = EMFILE;
    }
    return stream;
}

int fclose(FILE *stream)
{
    int result = settle(stream);

    if (close(fileno(stream)) != 0)
        result = EOF;
    *stream = (struct file){.file = -1, .is_opened = stream <= stderr};
    return result;
}

/* --- Reading ----------------------------------------------------------------------------------- */

/* Fills an empty buffer; false at the end or after an error. */
static bool fill(FILE *stream)
{
    ssize_t count;

    if (!turn(stream, READING))
        return false;
    if (stream->next < stream->used)
        return true;
    if (stream == stdin)
        fflush(stdout); /* the question before the answer */
    count = read(stream->file, stream->bytes, sizeof stream->bytes);
    stream->next = 0;
    stream->used = count > 0 ? (unsigned)count : 0;
    stream->is_at_end = count == 0;
    stream->has_failed = stream->has_failed || count < 0;
    return count > 0;
}

int fgetc(FILE *stream)
{
    if (stream->mode == READING && stream->next < stream->used)
        return (unsigned char)stream->bytes[stream->next++];
    return fill(stream) ? (unsigned char)stream->bytes[stream->next++] : EOF;
}

int getc(FILE *stream)
{
    return fgetc(stream);
}

int getchar(void)
{
    return fgetc(stdin);
}

int ungetc(int character, FILE *stream)
{
    if (character == EOF || !turn(stream, READING))
        return EOF;
    if (stream->next == 0) {
        if (stream->used == sizeof stream->bytes)
            return EOF;
        memmove(stream->bytes + 1, stream->bytes, stream->used);
        stream->used++;
        stream->next++;
    }
    stream->bytes[--stream->next] = (char)character;
    stream->is_at_end = false;
    return (unsigned char)character;
}

char *fgets(char *line, int bytes, FILE *stream)
{
    int count = 0, character = 0;

    while (count < bytes - 1 && character != '\n' && (character = fgetc(stream)) != EOF)
        line[count++] = (char)character;
    if (count == 0)
        return NULL;
    line[count] = '\0';
    return line;
}

size_t fread(void *buffer, size_t bytes, size_t count, FILE *stream)
{
    size_t total = bytes * count, done = 0;

    while (done < total && fill(stream)) {
        size_t piece = stream->used - stream->next;

        piece = piece < total - done ? piece : total - done;
        memcpy((char *)buffer + done, stream->bytes + stream->next, piece);
        stream->next += (unsigned)piece;
        done += piece;
    }
    return bytes ? done / bytes : 0;
}

/* --- Writing ----------------------------------------------------------------------------------- */

/* Puts bytes into the buffer, writing it out whenever it is full. */
static bool add(FILE *stream, const char *bytes, size_t count)
{
    if (!turn(stream, WRITING))
        return false;
    while (count > 0) {
        size_t room = sizeof stream->bytes - stream->used;
        size_t piece = count < room ? count : room;

        memcpy(stream->bytes + stream->used, bytes, piece);
        stream->used += (unsigned)piece;
        bytes += piece;
        count -= piece;
        if (stream->used == sizeof stream->bytes) {
            if (settle(stream) != 0)
                return false;
            stream->mode = WRITING;
        }
    }
    return true;
}

/* The end of a call that has added something, with the end of a line in it or not. */
static bool end_call(FILE *stream, bool has_line)
{
    if (has_line && !stream->is_plain && !stream->is_checked) {
        int error = errno; /* not being a terminal is no error of the program's */

        stream->is_checked = true;
        stream->is_terminal = isatty(stream->file);
        errno = error;
    }
    return !(stream->is_plain || (has_line && stream->is_terminal)) || fflush(stream) == 0;
}

static bool put(FILE *stream, const char *bytes, size_t count)
{
    return add(stream, bytes, count) && end_call(stream, memchr(bytes, '\n', count));
}

int fputc(int character, FILE *stream)
{
    char byte = (char)character;

    if (stream->mode == WRITING && stream->used < sizeof stream->bytes - 1 && byte != '\n' &&
        !stream->is_plain) {
        stream->bytes[stream->used++] = byte;
        return (unsigned char)byte;
    }
    return put(stream, &byte, 1) ? (unsigned char)byte : EOF;
}

int putc(int character, FILE *stream)
{
    return fputc(character, stream);
}

int putchar(int character)
{
    return fputc(character, stdout);
}

int fputs(const char *text, FILE *stream)
{
    return put(stream, text, strlen(text)) ? 0 : EOF;
}

int puts(const char *text)
{
    return add(stdout, text, strlen(text)) && put(stdout, "\n", 1) ? 0 : EOF;
}

size_t fwrite(const void *buffer, size_t bytes, size_t count, FILE *stream)
{
    return put(stream, buffer, bytes * count) ? count : 0;
}

/* --- Position and state ------------------------------------------------------------------------ */

int fseek(FILE *stream, long offset, int whence)
{
    if (settle(stream) != 0 || lseek(fileno(stream), offset, whence) < 0)
        return -1;
    stream->is_at_end = false;
    return 0;
}

long ftell(FILE *stream)
{
    long offset = lseek(fileno(stream), 0, SEEK_CUR);

    if (offset < 0)
        return -1;
    return stream->mode == WRITING ? offset + (long)stream->used
                                   : offset - (long)(stream->used - stream->next);
}

void rewind(FILE *stream)
{
    fseek(stream, 0, SEEK_SET);
    clearerr(stream);
}

int feof(FILE *stream)
{
    return stream->is_at_end;
}

int ferror(FILE *stream)
{
    return stream->has_failed;
}

void clearerr(FILE *stream)
{
    stream->is_at_end = stream->has_failed = false;
}

int fileno(FILE *stream)
{
    return stream <= stderr ? (int)(stream - files) : stream->file;
}

/* --- Formats ----------------------------------------------------------------------------------- */

static void put_in_stream(void *context, const char *text, size_t bytes)
{
    add(context, text, bytes);
}

int vfprintf(FILE *stream, const char *format, va_list arguments)
{
    int count = tp_format(put_in_stream, stream, format, arguments);
    /* As far as it is still in the buffer, the end of the line is there to see. */
    bool has_line = stream->mode == WRITING && memchr(stream->bytes, '\n', stream->used);

    return end_call(stream, has_line) && !stream->has_failed ? count : -1;
}

int vprintf(const char *format, va_list arguments)
{
    return vfprintf(stdout, format, arguments);
}

int printf(const char *format, ...)
{
    va_list arguments;
    int count;

    va_start(arguments, format);
    count = vfprintf(stdout, format, arguments);
    va_end(arguments);
    return count;
}

int fprintf(FILE *stream, const char *format, ...)
{
    va_list arguments;
    int count;

    va_start(arguments, format);
    count = vfprintf(stream, format, arguments);
    va_end(arguments);
    return count;
}

int vdprintf(int file, const char *format, va_list arguments)
{
    struct file stream = {.file = file, .mode = WRITING, .is_writable = true, .is_opened = true};
    int count = tp_format(put_in_stream, &stream, format, arguments);

    return settle(&stream) == 0 && !stream.has_failed ? count : -1;
}

int dprintf(int file, const char *format, ...)
{
    va_list arguments;
    int count;

    va_start(arguments, format);
    count = vdprintf(file, format, arguments);
    va_end(arguments);
    return count;
}

struct text {
    char *bytes;
    size_t room, used;
};

static void put_in_text(void *context, const char *bytes, size_t count)
{
    struct text *text = context;
    size_t piece = text->used < text->room ? text->room - text->used : 0;

    piece = count < piece ? count : piece;
    if (piece > 0)
        memcpy(text->bytes + text->used, bytes, piece);
    text->used += count;
}

int vsnprintf(char *bytes, size_t room, const char *format, va_list arguments)
{
    struct text text = {bytes, room > 0 ? room - 1 : 0, 0};
    int count = tp_format(put_in_text, &text, format, arguments);

    if (room > 0)
        bytes[text.used < room - 1 ? text.used : room - 1] = '\0';
    return count;
}

int snprintf(char *text, size_t bytes, const char *format, ...)
{
    va_list arguments;
    int count;

    va_start(arguments, format);
    count = vsnprintf(text, bytes, format, arguments);
    va_end(arguments);
    return count;
}

int sprintf(char *text, const char *format, ...)
{
    va_list arguments;
    int count;

    va_start(arguments, format);
    count = vsnprintf(text, (size_t)INTPTR_MAX, format, arguments);
    va_end(arguments);
    return count;
}

/* --- Messages ---------------------------------------------------------------------------------- */

void perror(const char *what)
{
    int error = errno;

    fprintf(stderr, "%s: %s\n", what, strerror(error));
}

int remove(const char *path)
{
    return unlink(path);
}

void assert_failed(const char *condition, const char *file, int line)
{
    fprintf(stderr, "%s:%d: assertion failed: %s\n", file, line, condition);
    abort();
}
