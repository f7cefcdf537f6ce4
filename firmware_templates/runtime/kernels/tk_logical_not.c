/* LOGICAL_NOT. */
#include "tk_logical_not.h"

void tk_logical_not(const tk_logical_not_params *p, const bool *in, bool *out)
{
    const bool *const end = in + p->count;

    while (in != end) {
        *out++ = !*in++;
    }
}
