/*
 * Sessions in files: the machine's history, the place, checkpoints, and the points, displays and definitions of the person.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "common/files.h"
#include "data.h"
#include "debugger.h"
#include "points.h"
#include "stop.h"

#define SESSION_LIMIT ((size_t)2 << 30)

/* What makes this front end's part of the session again, as commands. malloc'd; NULL: no memory. */
static char *own_text(struct debugger *d)
{
    char *text = NULL, *points = points_as_commands(d);
    size_t size;
    FILE *out = points != NULL ? open_memstream(&text, &size) : NULL;
    if (out == NULL) {
        free(points);
        return NULL;
    }
    for (const struct definition *one = d->definitions; one != NULL; one = one->next) {
        fprintf(out, "define %s\n%send\n", one->name, one->text);
        if (one->help != NULL)
            fprintf(out, "document %s\n%send\n", one->name, one->help);
    }
    fputs(points, out);
    for (const struct data_display *one = d->displays; one != NULL; one = one->next)
        fprintf(out, "display%s%s %s\n", one->format[0] != '\0' ? "/" : "", one->format, one->text);
    free(points);
    if (fclose(out) != 0) {
        free(text);
        return NULL;
    }
    return text;
}

/* The file behind "session" of save and load. False after complaining. */
static bool read_path(struct debugger *d, struct args *args, char *path)
{
    if (!args_word(d, args, path))
        return complain(d, "%s: expected the name of a file", args->name);
    return args_end(d, args);
}

bool session_save(struct debugger *d, struct args *args)
{
    char path[ARGS_WORD_BYTES];
    void *bytes;
    size_t size;
    struct tg_error error = {""};
    if (!read_path(d, args, path) || !output_may_write(d, args->name))
        return false;
    char *text = own_text(d);
    if (text == NULL)
        return complain(d, "%s: not enough memory", args->name);
    int result = tg_debug_save(d->core, text, strlen(text), &bytes, &size, &error);
    free(text);
    if (result != TG_OK)
        return complain(d, "%s: %s", args->name, error.text[0] != '\0' ? error.text : "not enough memory");
    bool is_written = file_write("session", path, bytes, size);
    free(bytes);
    if (is_written)
        say(d, "session saved in %s\n", path);
    return is_written;
}

/* Points and displays of now make room for those of the session. */
static void forget_own(struct debugger *d)
{
    const struct tg_debug_point *point;
    while ((point = tg_debug_point_after(d->core, 0)) != NULL)
        tg_debug_point_remove(d->core, point->number);
    points_forget_all(d);
    data_forget_displays(d);
}

bool session_load(struct debugger *d, struct args *args)
{
    char path[ARGS_WORD_BYTES], *text;
    struct file_bytes file;
    size_t size;
    struct tg_error error = {""};
    if (!read_path(d, args, path))
        return false;
    fflush(stdout);
    if (!file_read("session", path, SESSION_LIMIT, &file))
        return false;
    int result = tg_debug_load(d->core, file.bytes, file.size, &text, &size, &error);
    free(file.bytes);
    view_moved(d, d->view.cpu);
    if (result != TG_OK)
        return complain(d, "%s %s: %s", args->name, path, error.text[0] != '\0' ? error.text : "not enough memory");
    forget_own(d);
    bool is_fine = source_run(d, path, text, true);
    free(text);
    stop_show_place(d);
    return is_fine;
}
