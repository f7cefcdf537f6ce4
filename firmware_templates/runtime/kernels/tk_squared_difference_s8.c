/* SQUARED_DIFFERENCE, int8. Operands in steps of 2^-7 of twice the larger scale. */
#include "tk_squared_difference_s8.h"

#include "tk_common.h"
#include "tk_each_pair.h"

TK_INLINE int32_t scaled(int32_t x, int32_t multiplier, int32_t shift)
{
    return tk_rounding_shift(tk_doubling_high_mul(x * (1 << 7), multiplier), shift);
}

TK_INLINE int8_t square(const tk_squared_difference_s8_params *p, int32_t difference)
{
    const int32_t scaled_square = tk_requantize(difference * difference, p->multiplier, p->shift);
    return (int8_t)tk_clamp(scaled_square + p->zero, INT8_MIN, INT8_MAX);
}

void tk_squared_difference_s8(const tk_squared_difference_s8_params *p, const int8_t *a, const int8_t *b, int8_t *out)
{
    TK_EACH_PAIR(int8_t, p, a, b, out,
                 square(p, scaled(x - p->zero_a, p->multiplier_a, p->shift_a) -
                               scaled(y - p->zero_b, p->multiplier_b, p->shift_b)));
}
