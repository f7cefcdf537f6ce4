/* L2_NORMALIZATION, int8. The inverse of the square root is TFLite's (GetInvSqrtQuantizedMultiplierExp): five
 * Newton-Raphson steps in Q3.28. */
#include "tk_l2_normalization_s8.h"

#include "tk_common.h"

#define SQRT_HALF 1518500250 /* in Q0.31 */

/* tk_doubling_high_mul, once: it is several instructions where int64_t is two registers. */
static TK_NOINLINE int32_t high_mul(int32_t a, int32_t b)
{
    return tk_doubling_high_mul(a, b);
}

/* 1 / sqrt(x) for x more than 1, as a multiplier for tk_requantize; its shift is written to *shift. */
static int32_t inverse_root(int32_t x, int32_t *shift)
{
    int32_t right = 11;

    while (x >= 1 << 29) {
        x /= 4;
        right++;
    }
    while (x < 1 << 27) {
        x *= 4;
        right--;
    }
    const int32_t half = tk_rounding_shift(x >> 1, 1);
    int32_t y = 1 << 28;
    for (int32_t i = 0; i < 5; i++) {
        const int32_t cube = 64 * high_mul(high_mul(y, y), y);
        y = 8 * (high_mul((1 << 28) + (1 << 27), y) - high_mul(half, cube));
    }
    y = high_mul(y, SQRT_HALF);
    if (right < 0) {
        y <<= -right;
        right = 0;
    }
    *shift = -right;
    return y;
}

void tk_l2_normalization_s8(const tk_l2_normalization_s8_params *p, const int8_t *in, int8_t *out)
{
    const int32_t depth = p->depth;

    for (int32_t row = 0; row < p->rows; row++) {
        int32_t sum = 0, multiplier = INT32_MAX, shift = 0;

        for (int32_t i = 0; i < depth; i++) {
            const int32_t x = in[i] - p->zero_point;
            sum += x * x;
        }
        if (sum > 1) {
            multiplier = inverse_root(sum, &shift);
        }
        for (int32_t i = 0; i < depth; i++) {
            out[i] = tk_saturate_s8(tk_requantize(in[i] - p->zero_point, multiplier, shift + 7));
        }
        in += depth;
        out += depth;
    }
}
