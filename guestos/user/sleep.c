/* sleep: waits for seconds, which may have decimals. */
#include <ctype.h>
#include <unistd.h>

#include "user.h"

int main(int argc, char **argv)
{
    unsigned milliseconds = 0, digits = 0;
    const char *at = argc == 2 ? argv[1] : "";

    for (; isdigit((unsigned char)*at) && milliseconds < 1000000; at++, digits++)
        milliseconds = milliseconds * 10 + (unsigned)(*at - '0') * 1000;
    if (*at == '.') {
        unsigned worth = 100;

        for (at++; isdigit((unsigned char)*at); at++, digits++, worth /= 10)
            milliseconds += (unsigned)(*at - '0') * worth;
    }
    if (digits == 0 || *at)
        return user_usage("sleep SECONDS");
    return usleep(milliseconds * 1000) != 0;
}
