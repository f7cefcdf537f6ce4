/* MAXIMUM and MINIMUM, int16, as the numbers are: not rescaled. */
#include "tk_maximum_s16.h"

#include "tk_each_pair.h"

void tk_maximum_s16(const tk_maximum_s16_params *p, const int16_t *a, const int16_t *b, int16_t *out)
{
    const bool greater = p->greater;

    TK_EACH_PAIR(int16_t, p, a, b, out, (x > y) == greater ? x : y);
}
