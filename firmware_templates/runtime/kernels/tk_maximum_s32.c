/* MAXIMUM and MINIMUM, int32, as the numbers are: not rescaled. */
#include "tk_maximum_s32.h"

#include "tk_each_pair.h"

void tk_maximum_s32(const tk_maximum_s32_params *p, const int32_t *a, const int32_t *b, int32_t *out)
{
    const bool greater = p->greater;

    TK_EACH_PAIR(int32_t, p, a, b, out, (x > y) == greater ? x : y);
}
