/* Directories: read() gives their entries as they are. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "turnpike.h"

enum { ENTRIES = 8 };

struct tp_directory {
    int file;
    int next, count; /* of those read */
    struct tp_directory_entry entries[ENTRIES];
    struct dirent result;
};

DIR *opendir(const char *path)
{
    struct stat status;
    DIR *directory;
    int file = open(path, O_RDONLY | O_CLOEXEC), error = 0;

    if (file < 0)
        return NULL;
    directory = malloc(sizeof *directory);
    if (fstat(file, &status) != 0)
        error = errno;
    else if (!S_ISDIR(status.st_mode))
        error = ENOTDIR;
    else if (!directory)
        error = ENOMEM;
    if (error) {
        free(directory);
        close(file);
        errno = error;
        return NULL;
    }
    directory->file = file;
    directory->next = directory->count = 0;
    return directory;
}

struct dirent *readdir(DIR *directory)
{
    const struct tp_directory_entry *entry;

    do {
        if (directory->next == directory->count) {
            int bytes = (int)read(directory->file, directory->entries, sizeof directory->entries);

            if (bytes < (int)sizeof directory->entries[0])
                return NULL;
            directory->count = bytes / (int)sizeof directory->entries[0];
            directory->next = 0;
        }
        entry = &directory->entries[directory->next++];
    } while (entry->inode == 0);
    directory->result.d_ino = entry->inode;
    memcpy(directory->result.d_name, entry->name, sizeof entry->name);
    return &directory->result;
}

int closedir(DIR *directory)
{
    int result = close(directory->file);

    free(directory);
    return result;
}
