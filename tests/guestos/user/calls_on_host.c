/* Turnpike's own calls, as far as programs that run on the host make them. */
#include "turnpike.h"

int tp_foreground(int group)
{
    (void)group;
    return 0;
}
