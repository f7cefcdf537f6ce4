/* SOFTMAX, int8. exp() of all possible differences is a table made on the host; the division is gemmlowp's: three
 * Newton-Raphson steps in fixed point. Results are those of TFLite's reference/softmax.h. */
#include "tk_softmax_s8.h"

#include "tk_common.h"

/* Fraction bits of the sum of exponentials, which itself has 12 integer bits. */
#define SUM_SHIFT 12

/* 1 / (1 + a) in Q0.31 for a in [0, 1) in Q0.31. */
static int32_t reciprocal_of_one_plus(int32_t a)
{
    const int32_t half_denominator = (int32_t)(((uint32_t)a + 0x80000000u) >> 1);
    /* 48/17 - 32/17 * d, the best line to start from, in Q2.29 */
    int32_t x = 1515870810 + tk_doubling_high_mul(half_denominator, -1010580540);

    for (int i = 0; i < 3; i++) {
        const int32_t error = (1 << 29) - tk_doubling_high_mul(half_denominator, x);
        x += 4 * tk_doubling_high_mul(x, error);
    }
    /* x is 2 / (1 + a) */
    return x < 1 << 30 ? 2 * x : INT32_MAX;
}

static void softmax_row(const tk_softmax_s8_params *p, const int8_t *in, int8_t *out)
{
    const int32_t *const exps = p->exps;
    const int32_t exps_count = p->exps_count;
    const int32_t depth = p->depth;
    int32_t max = -128;
    uint32_t sum = 0;

    for (int32_t i = 0; i < depth; i++) {
        max = in[i] > max ? in[i] : max;
    }
    for (int32_t i = 0; i < depth; i++) {
        const int32_t difference = max - in[i];
        if (difference < exps_count) {
            sum += (uint32_t)tk_rounding_shift(exps[difference], SUM_SHIFT);
        }
    }

    /* sum = (1 + a) * 2^(31 - headroom), at least the 1.0 of the maximum itself */
    int32_t headroom = 0;
    while (!(sum & 0x80000000u)) {
        sum <<= 1;
        headroom++;
    }
    const int32_t scale = reciprocal_of_one_plus((int32_t)(sum - 0x80000000u));
    const int32_t shift = SUM_SHIFT - headroom + 31 - 8;

    for (int32_t i = 0; i < depth; i++) {
        const int32_t difference = max - in[i];
        int32_t y = 0;
        /* beyond 31 all of the product is shifted out */
        if (difference < exps_count && shift <= 31) {
            y = tk_rounding_shift(tk_doubling_high_mul(exps[difference], scale), shift);
        }
        out[i] = (int8_t)tk_clamp(y - 128, -128, 127);
    }
}

void tk_softmax_s8(const tk_softmax_s8_params *p, const int8_t *in, int8_t *out)
{
    for (int32_t row = 0; row < p->rows; row++) {
        softmax_row(p, in, out);
        in += p->depth;
        out += p->depth;
    }
}
