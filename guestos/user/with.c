/* with: runs a program that asks the system in a given way. */
#include <string.h>
#include <unistd.h>

#include "turnpike.h"
#include "user.h"

int main(int argc, char **argv)
{
    static const char *const words[] = {[TP_CALLS_TRAP] = "calls=trap",
                                        [TP_CALLS_QUEUE] = "calls=queue"};
    int calls = -1;

    for (int i = 0; argc > 2 && i < 2; i++)
        if (strcmp(argv[1], words[i]) == 0)
            calls = i;
    if (calls < 0)
        return user_usage("with calls=trap|queue PROGRAM [WORD...]");
    if (tp_set_calls((enum tp_calls)calls) < 0)
        return user_fail("with", argv[1]);
    execvp(argv[2], argv + 2);
    return user_fail("with", argv[2]) + 126;
}
