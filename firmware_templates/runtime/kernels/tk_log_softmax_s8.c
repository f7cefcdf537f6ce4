/* LOG_SOFTMAX, int8, in TFLite's fixed point (reference/log_softmax.h). exp() of all possible differences is a table made
 * on the host. */
#include "tk_log_softmax_s8.h"

#include "tk_softmax.h"

/* Constants of the logarithm in Q0.31. */
#define LOG_2 1488522236
#define SQRT_HALF 1518500250
#define FOURTH_ROOT_OF_HALF 1805811301
#define ALPHA_N 117049297  /* 11 / 240 * 2^(1/4) */
#define ALPHA_D 127690142  /* 1 / 20 * 2^(1/4) */
#define ALPHA_I 1057819769 /* 2 / 2^(1/4) - 2^(1/4) */
#define ALPHA_F 638450708  /* 1 / 4 * 2^(1/4) */
#define QUARTER (1 << 23)  /* in Q6.25 */

/* x * 2^bits, at most INT32_MAX; x is not negative. */
static int32_t saturating_shift(int32_t x, int32_t bits)
{
    return x > INT32_MAX >> bits ? INT32_MAX : x << bits;
}

/* Bits by which x, more than 0, can be shifted to the left. */
static int32_t headroom(int32_t x)
{
    int32_t bits = 0;

    while (!(x & (1 << 30))) {
        x <<= 1;
        bits++;
    }
    return bits;
}

/* log(x) in Q5.26 for x in Q12.19, 1.0 at least: x = r * 2^n with r near the fourth root of a half, and for log(r) a
 * quotient of polynomials around that. */
static int32_t logarithm(int32_t x)
{
    /* Two ways to split x, the second after a multiplication by sqrt(1/2); the smaller r has the larger n. */
    const int32_t bits_a = headroom(x), bits_b = headroom(tk_high_mul(x, SQRT_HALF));
    const int32_t r_a = saturating_shift(tk_high_mul(x << bits_a, SQRT_HALF), 1);
    const int32_t r_b = saturating_shift(x, bits_b);
    const int32_t n_a = (11 - bits_a) * (1 << 25) + QUARTER, n_b = (12 - bits_b) * (1 << 25) - QUARTER;
    const int32_t r = r_a < r_b ? r_a : r_b;
    const int32_t n = n_a > n_b ? n_a : n_b;

    const int32_t p = (int32_t)(((uint32_t)r + FOURTH_ROOT_OF_HALF + 1u) >> 1);
    const int32_t q = 2 * (r - FOURTH_ROOT_OF_HALF);
    const int32_t square = tk_high_mul(q, q);
    const int32_t above = tk_high_mul(q, r) + tk_high_mul(tk_high_mul(q, square), ALPHA_N);
    const int32_t below =
        tk_high_mul(p, ALPHA_I + q + tk_high_mul(ALPHA_D, square)) + tk_high_mul(ALPHA_F, q);
    const int32_t log_r = tk_high_mul(tk_rounding_shift(above, 6), tk_reciprocal_of_one_plus(below));
    return 2 * (tk_high_mul(n, LOG_2) + log_r);
}

void tk_log_softmax_s8(const tk_log_softmax_s8_params *p, const int8_t *in, int8_t *out)
{
    const int32_t depth = p->depth;

    for (int32_t row = 0; row < p->rows; row++) {
        int32_t max = INT8_MIN;
        uint32_t sum = 0;

        for (int32_t i = 0; i < depth; i++) {
            max = in[i] > max ? in[i] : max;
        }
        for (int32_t i = 0; i < depth; i++) {
            const int32_t difference = max - in[i];
            if (difference < p->exps_count) {
                sum += tk_shifted(p->exps[difference], TK_SUM_SHIFT);
            }
        }

        const int32_t log_sum = logarithm((int32_t)sum);
        int32_t smallest = tk_requantize(log_sum + INT32_MIN, p->inverse_multiplier, p->inverse_shift);
        smallest = smallest > p->smallest - 1 ? smallest : p->smallest - 1;

        for (int32_t i = 0; i < depth; i++) {
            const int32_t difference = in[i] - max;
            int32_t y = INT8_MIN;
            if (difference > smallest) {
                const uint32_t x = (uint32_t)tk_requantize(difference, p->multiplier, p->shift) - (uint32_t)log_sum;
                y = tk_clamp(tk_rounding_shift((int32_t)x, 22) + INT8_MAX, INT8_MIN, INT8_MAX);
            }
            out[i] = (int8_t)y;
        }
        in += depth;
        out += depth;
    }
}
