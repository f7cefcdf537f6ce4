/* MAXIMUM and MINIMUM, int8, as the numbers are: not rescaled. */
#include "tk_maximum_s8.h"

#include "tk_each_pair.h"

void tk_maximum_s8(const tk_maximum_s8_params *p, const int8_t *a, const int8_t *b, int8_t *out)
{
    const bool greater = p->greater;

    TK_EACH_PAIR(int8_t, p, a, b, out, (x > y) == greater ? x : y);
}
