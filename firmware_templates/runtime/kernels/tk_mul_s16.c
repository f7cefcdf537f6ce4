/* MUL, int16, of zero points 0. */
#include "tk_mul_s16.h"

#include "tk_common.h"
#include "tk_each_pair.h"

void tk_mul_s16(const tk_mul_s16_params *p, const int16_t *a, const int16_t *b, int16_t *out)
{
    const int32_t multiplier = p->multiplier;
    const int32_t shift = p->shift;
    const int32_t low = p->low;
    const int32_t high = p->high;

    TK_EACH_PAIR(int16_t, p, a, b, out, (int16_t)tk_clamp(tk_requantize(x * y, multiplier, shift), low, high));
}
