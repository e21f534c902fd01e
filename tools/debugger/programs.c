/* See programs.h. */
#include "programs.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "common/files.h"
#include "debugger.h"
#include "tollgate/bundle.h"

#define ELF_LIMIT  ((size_t)256 << 20)
#define PATH_BYTES 4096

static void opened_add(struct programs *programs, struct tg_program *program)
{
    programs->opened[programs->opened_count++] = program;
}

void programs_begin(struct debugger *d)
{
    struct programs *programs = &d->programs;
    struct tg_error error;
    programs->sources = tg_sources_create();
    programs->is_kernel_checked = true;
    if (d->setup.image_path == NULL)
        return;
    if (tg_program_open(d->setup.image.bytes, d->setup.image.size, d->setup.image_path, &programs->kernel, &error) == TG_OK)
        opened_add(programs, programs->kernel);
    else
        complain(d, "%s: no names or source lines: %s", d->setup.image_path, error.text);
}

void programs_end(struct debugger *d)
{
    struct programs *programs = &d->programs;
    for (size_t i = 0; i < programs->opened_count; i++)
        tg_program_close(programs->opened[i]);
    for (size_t i = 0; i < programs->count; i++)
        free(programs->files[i].name);
    for (size_t i = 0; i < programs->folder_count; i++)
        free(programs->folders[i]);
    tg_sources_destroy(programs->sources);
    *programs = (struct programs){0};
}

/* Opens a file; NULL after complaining. */
static struct tg_program *open_file(struct debugger *d, const char *path)
{
    struct file_bytes file;
    struct tg_program *program = NULL;
    struct tg_error error;
    fflush(stdout);
    if (!file_read("program", path, ELF_LIMIT, &file))
        return NULL;
    if (tg_program_open(file.bytes, file.size, path, &program, &error) != TG_OK) {
        complain(d, "%s: %s", path, error.text);
        program = NULL;
    }
    free(file.bytes);
    return program;
}

/* The path of a program's file in a folder that a person named, or of the guest OS's own; malloc'd, NULL: none. */
static char *find_file(struct debugger *d, const char *name, bool is_service)
{
    static const char *const endings[] = {".elf", ".server.elf", "", ".tg"};
    char path[PATH_BYTES];
    if (strchr(name, '/') != NULL)
        return NULL;
    for (size_t folder = d->programs.folder_count; folder-- > 0;)
        for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
            int length = snprintf(path, sizeof path, "%s/%s%s", d->programs.folders[folder], name, endings[i]);
            if (length > 0 && (size_t)length < sizeof path && access(path, R_OK) == 0)
                return strdup(path);
        }
    return bundle_program(name, is_service);
}

static struct program_file *file_of(struct programs *programs, const char *name, bool is_service)
{
    for (size_t i = 0; i < programs->count; i++)
        if (programs->files[i].is_service == is_service && strcmp(programs->files[i].name, name) == 0)
            return &programs->files[i];
    return NULL;
}

struct tg_program *programs_find(struct debugger *d, const char *name, bool is_service)
{
    struct programs *programs = &d->programs;
    struct program_file *known = file_of(programs, name, is_service);
    if (known != NULL)
        return known->program;
    if (programs->count == PROGRAMS_MOST)
        return NULL;
    struct program_file *file = &programs->files[programs->count];
    *file = (struct program_file){.name = strdup(name), .is_service = is_service};
    if (file->name == NULL)
        return NULL;
    programs->count++;
    char *path = find_file(d, name, is_service);
    if (path != NULL)
        file->program = open_file(d, path);
    free(path);
    if (file->program != NULL)
        opened_add(programs, file->program);
    return file->program;
}

static bool read_memory(void *context, uint32_t vaddr, void *bytes, size_t count)
{
    return view_read(context, vaddr, bytes, count);
}

/* Whether memory could be compared; name: what the program is said to be. */
static bool compare(struct debugger *d, struct tg_program *program, const char *name)
{
    const struct tg_memory memory = {d, read_memory};
    uint32_t where;
    enum tg_match match = tg_program_matches(program, &memory, &where);
    if (match == TG_MATCH_DIFFERENT)
        complain(d, "%s is not what the guest runs as %s (they differ at 0x%08x): its names and lines may be wrong",
                 tg_program_name(program), name, where);
    return match != TG_MATCH_UNREADABLE;
}

void programs_check(struct debugger *d, struct tg_program *program)
{
    struct programs *programs = &d->programs;
    if (program == NULL)
        return;
    if (program == programs->kernel && !programs->is_kernel_checked)
        programs->is_kernel_checked = compare(d, program, "its image");
    for (size_t i = 0; i < programs->count; i++) {
        struct program_file *file = &programs->files[i];
        if (file->program == program && !file->is_checked)
            file->is_checked = compare(d, program, file->name);
    }
}

/* --- Commands ------------------------------------------------------------------------------------------------------------- */

/* symbols FOLDER: where programs' files lie; symbols FILE [NAME]: of the image, or of the process NAME. */
bool programs_symbols(struct debugger *d, struct args *args)
{
    char path[ARGS_WORD_BYTES], name[ARGS_WORD_BYTES];
    struct programs *programs = &d->programs;
    if (!args_word(d, args, path))
        return complain(d, "%s: expected a folder of programs, or a program's file", args->name);
    if (access(path, R_OK | X_OK) == 0 && access(path, F_OK) == 0 && path[strlen(path) - 1] == '/') {
        if (programs->folder_count == PROGRAMS_FOLDERS)
            return complain(d, "%s: there are %d folders already", args->name, PROGRAMS_FOLDERS);
        programs->folders[programs->folder_count] = strdup(path);
        programs->folder_count += programs->folders[programs->folder_count] != NULL;
        return args_end(d, args);
    }
    bool has_name = args_word(d, args, name);
    if (!args_end(d, args))
        return false;
    if (programs->opened_count > PROGRAMS_MOST || programs->count == PROGRAMS_MOST)
        return complain(d, "%s: too many programs are known already", args->name);
    struct tg_program *program = open_file(d, path);
    if (program == NULL)
        return false;
    opened_add(programs, program);
    view_forget(d);
    if (!has_name) {
        programs->kernel = program;
        programs->is_kernel_checked = false;
        programs_check(d, program);
        return true;
    }
    struct program_file *file = file_of(programs, name, false);
    if (file == NULL) {
        file = &programs->files[programs->count++];
        *file = (struct program_file){.name = strdup(name)};
    }
    file->program = program;
    file->is_checked = false;
    return true;
}

static void print_program(struct debugger *d, const char *name, const struct tg_program *program)
{
    struct tg_program_facts facts;
    if (program == NULL) {
        say(d, "  %-12s no file with its symbols was found\n", name);
        return;
    }
    tg_program_facts(program, &facts);
    say(d, "  %-12s %s: %zu symbols, %s, %s%s\n", name, tg_program_name(program), facts.symbols,
        facts.has_lines ? "source lines" : "no source lines", facts.has_variables ? "variables" : "no variables",
        facts.is_damaged ? ", some debug information could not be read" : "");
}

bool programs_info(struct debugger *d, struct args *args)
{
    if (!args_end(d, args))
        return false;
    print_program(d, "image", d->programs.kernel);
    for (size_t i = 0; i < d->programs.count; i++)
        print_program(d, d->programs.files[i].name, d->programs.files[i].program);
    return true;
}

bool programs_directory(struct debugger *d, struct args *args)
{
    char folder[ARGS_WORD_BYTES];
    if (!args_word(d, args, folder))
        return complain(d, "%s: expected a folder of source files", args->name);
    return args_end(d, args) && (tg_sources_add_folder(d->programs.sources, folder) == TG_OK ||
                                 complain(d, "%s: not enough memory", args->name));
}
