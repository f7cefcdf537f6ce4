/* SQUARED_DIFFERENCE, int16. Operands in steps of twice the larger scale. */
#include "tk_squared_difference_s16.h"

#include "tk_common.h"
#include "tk_each_pair.h"

TK_INLINE int32_t scaled(int32_t x, int32_t multiplier, int32_t shift)
{
    return tk_rounding_shift(tk_doubling_high_mul(x, multiplier), shift);
}

TK_INLINE int16_t square(const tk_squared_difference_s16_params *p, int32_t difference)
{
    const int32_t scaled_square = tk_requantize(difference * difference, p->multiplier, p->shift);
    return (int16_t)tk_clamp(scaled_square + p->zero, INT16_MIN, INT16_MAX);
}

void tk_squared_difference_s16(const tk_squared_difference_s16_params *p, const int16_t *a, const int16_t *b, int16_t *out)
{
    TK_EACH_PAIR(int16_t, p, a, b, out,
                 square(p, scaled(x - p->zero_a, p->multiplier_a, p->shift_a) -
                               scaled(y - p->zero_b, p->multiplier_b, p->shift_b)));
}
