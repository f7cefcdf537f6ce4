/* ADD and SUB, int16, rounding as often as TFLite does: both operands in steps of 2^-15 of twice the larger scale, then
 * their sum. */
#include "tk_add_rescale_s16.h"

#include "tk_common.h"
#include "tk_each_pair.h"

#define LEFT_SHIFT 15

TK_INLINE int32_t scaled(int32_t x, int32_t multiplier, int32_t shift)
{
    return tk_rounding_shift(tk_doubling_high_mul(x * (1 << LEFT_SHIFT), multiplier), shift);
}

TK_INLINE int16_t sum(const tk_add_rescale_s16_params *p, int32_t x, int32_t y)
{
    const int32_t total = p->sign_a * x + p->sign_b * y;
    const int32_t result = tk_rounding_shift(tk_doubling_high_mul(total, p->multiplier), p->shift);
    return (int16_t)tk_clamp(result + p->zero, p->low, p->high);
}

void tk_add_rescale_s16(const tk_add_rescale_s16_params *p, const int16_t *a, const int16_t *b, int16_t *out)
{
    TK_EACH_PAIR(int16_t, p, a, b, out,
                 sum(p, scaled(x - p->zero_a, p->multiplier_a, p->shift_a),
                     scaled(y - p->zero_b, p->multiplier_b, p->shift_b)));
}
