/* cp: copies files. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "turnpike/abi.h"
#include "user.h"

static int copy_bytes(int from, const char *from_name, int to)
{
    static char bytes[8192];
    int count;

    while ((count = (int)read(from, bytes, sizeof bytes)) > 0)
        if (!user_write("cp", to, bytes, (unsigned)count))
            return 1;
    return count < 0 ? user_fail("cp", from_name) : 0;
}

/* Whether two open files are the same: to empty one for the copy would empty the other. */
static bool is_same(int from, const char *to)
{
    struct stat a, b;

    return fstat(from, &a) == 0 && stat(to, &b) == 0 && a.st_ino == b.st_ino;
}

static int copy(const char *from_name, const char *to_name)
{
    int from = open(from_name, O_RDONLY), to, result;

    if (from < 0)
        return user_fail("cp", from_name);
    if (is_same(from, to_name)) {
        close(from);
        errno = EEXIST;
        return user_fail("cp", to_name);
    }
    to = open(to_name, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    result = to < 0 ? user_fail("cp", to_name) : copy_bytes(from, from_name, to);
    close(from);
    if (to >= 0)
        close(to);
    return result;
}

int main(int argc, char **argv)
{
    struct stat status;
    bool is_folder;
    int result = 0;

    if (argc < 3)
        return user_usage("cp FILE... NEW-NAME or FOLDER");
    is_folder = stat(argv[argc - 1], &status) == 0 && S_ISDIR(status.st_mode);
    if (argc > 3 && !is_folder) {
        errno = ENOTDIR;
        return user_fail("cp", argv[argc - 1]);
    }
    for (int i = 1; i < argc - 1; i++) {
        char path[TP_PATH_BYTES];
        const char *to = argv[argc - 1];

        if (is_folder && user_join(path, sizeof path, to, user_base(argv[i])))
            to = path;
        result |= copy(argv[i], to);
    }
    return result;
}
