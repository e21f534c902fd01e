/* poweroff: switches the machine off, with a status; as reboot it starts it anew. */
#include <string.h>

#include "turnpike.h"
#include "user.h"

int main(int argc, char **argv)
{
    bool is_reboot = strcmp(user_base(argv[0]), "reboot") == 0;
    unsigned status = 0;

    if (is_reboot) {
        if (argc > 1)
            return user_usage("reboot");
        status = TP_POWER_RESET;
    } else if (argc > 2 || (argc > 1 && !user_number(argv[1], 99, &status))) {
        return user_usage("poweroff [STATUS]");
    }
    tp_power_off(status);
    return user_fail(user_base(argv[0]), "the machine");
}
