/* ADD and SUB, int8, rounding as often as TFLite does (reference/integer_ops/add.h): both operands in steps of 2^-20
 * of twice the larger scale, then their sum. */
#include "tk_add_rescale_s8.h"

#include "tk_common.h"

#define LEFT_SHIFT 20

TK_INLINE int32_t scaled(int32_t x, int32_t multiplier, int32_t shift)
{
    return tk_rounding_shift(tk_doubling_high_mul(x * (1 << LEFT_SHIFT), multiplier), shift);
}

void tk_add_rescale_s8(const tk_add_rescale_s8_params *p, const int8_t *a, const int8_t *b, int8_t *out)
{
    tk_broadcast at = {{0}, 0, 0};

    do {
        const int8_t *x = a + at.a;
        const int8_t *y = b + at.b;
        for (int32_t i = 0; i < p->row; i++) {
            const int32_t sum = p->sign_a * scaled(*x++ - p->zero_a, p->multiplier_a, p->shift_a) +
                                p->sign_b * scaled(*y - p->zero_b, p->multiplier_b, p->shift_b);
            const int32_t result = tk_rounding_shift(tk_doubling_high_mul(sum, p->multiplier), p->shift);
            y += p->step_b;
            *out++ = (int8_t)tk_clamp(result + p->zero, p->low, p->high);
        }
    } while (tk_broadcast_next(&at, p->count, p->stride_a, p->stride_b));
}
