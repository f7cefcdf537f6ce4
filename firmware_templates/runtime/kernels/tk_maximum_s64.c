/* MAXIMUM and MINIMUM, int64, as the numbers are: not rescaled. */
#include "tk_maximum_s64.h"

#include "tk_each_pair.h"

void tk_maximum_s64(const tk_maximum_s64_params *p, const int64_t *a, const int64_t *b, int64_t *out)
{
    const bool greater = p->greater;

    TK_EACH_PAIR(int64_t, p, a, b, out, (x > y) == greater ? x : y);
}
