/* test: answers a question by its exit status, 0 for yes and 1 for no. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "user.h"

enum answer { YES, NO, WRONG };

static enum answer answer(bool is_so)
{
    return is_so ? YES : NO;
}

static enum answer of_file(char letter, const char *path)
{
    struct stat status;
    bool is_there = stat(path, &status) == 0;

    switch (letter) {
    case 'e':
        return answer(is_there);
    case 'f':
        return answer(is_there && S_ISREG(status.st_mode));
    case 'd':
        return answer(is_there && S_ISDIR(status.st_mode));
    case 's':
        return answer(is_there && status.st_size > 0);
    case 'z':
        return answer(*path == '\0');
    case 'n':
        return answer(*path != '\0');
    default:
        return WRONG;
    }
}

static enum answer of_two(const char *left, const char *operator, const char *right)
{
    static const char operators[][4] = {"=", "!=", "-eq", "-ne", "-lt", "-le", "-gt", "-ge"};
    int a = atoi(left), b = atoi(right);
    const bool results[] = {strcmp(left, right) == 0, strcmp(left, right) != 0,
                            a == b, a != b, a < b, a <= b, a > b, a >= b};

    for (size_t i = 0; i < sizeof results / sizeof results[0]; i++)
        if (strcmp(operator, operators[i]) == 0)
            return answer(results[i]);
    return WRONG;
}

int main(int argc, char **argv)
{
    enum answer result = WRONG;
    bool is_negated = argc > 2 && strcmp(argv[1], "!") == 0;

    argc -= is_negated;
    argv += is_negated;
    if (argc == 2)
        result = answer(argv[1][0] != '\0');
    else if (argc == 3 && argv[1][0] == '-' && argv[1][1] && !argv[1][2])
        result = of_file(argv[1][1], argv[2]);
    else if (argc == 4)
        result = of_two(argv[1], argv[2], argv[3]);
    if (result == WRONG)
        return user_usage("test [!] TEXT | -e|-f|-d|-s FILE | -z|-n TEXT | "
                          "A =|!=|-eq|-ne|-lt|-le|-gt|-ge B");
    return is_negated ? !result : (int)result;
}
