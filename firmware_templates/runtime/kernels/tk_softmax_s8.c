/* SOFTMAX, int8. exp() of all possible differences is a table made on the host; the division is gemmlowp's: three
 * Newton-Raphson steps in fixed point. Results are those of TFLite's reference/softmax.h. */
#include "tk_softmax_s8.h"

#include "tk_common.h"

/* Fraction bits of the sum of exponentials, which itself has 12 integer bits. */
#define SUM_SHIFT 12

/* tk_doubling_high_mul, once: it is several instructions where int64_t is two registers. */
static TK_NOINLINE int32_t high_mul(int32_t a, int32_t b)
{
    return tk_doubling_high_mul(a, b);
}

/* tk_rounding_shift of what is not negative, by 1 to 31 bits. */
TK_INLINE uint32_t shifted(int32_t x, int32_t exponent)
{
    return ((uint32_t)x + ((uint32_t)1 << (exponent - 1))) >> exponent;
}

/* 1 / (1 + a) in Q0.31 for a in [0, 1) in Q0.31. */
static int32_t reciprocal_of_one_plus(int32_t a)
{
    const int32_t half_denominator = (int32_t)(((uint32_t)a + 0x80000000u) >> 1);
    /* 48/17 - 32/17 * d, the best line to start from, in Q2.29 */
    int32_t x = 1515870810 + high_mul(half_denominator, -1010580540);
    int32_t steps = 3;

    do {
        const int32_t error = (1 << 29) - high_mul(half_denominator, x);
        x += 4 * high_mul(x, error);
    } while (--steps != 0);
    /* x is 2 / (1 + a) */
    return x < 1 << 30 ? 2 * x : INT32_MAX;
}

static void softmax_row(const tk_softmax_s8_params *p, const int8_t *in, int8_t *out)
{
    const int32_t *const exps = p->exps;
    const int8_t *const end = in + p->depth;
    const int8_t *at = in;
    int32_t exps_count = p->exps_count;
    int32_t max = -128;
    uint32_t sum = 0;

    do {
        max = *at > max ? *at : max;
    } while (++at != end);
    at = in;
    do {
        const int32_t difference = max - *at;
        if (difference < exps_count) {
            sum += shifted(exps[difference], SUM_SHIFT);
        }
    } while (++at != end);

    /* sum = (1 + a) * 2^(31 - headroom), at least the 1.0 of the maximum itself */
    int32_t shift = SUM_SHIFT + 31 - 8;
    while (!(sum & 0x80000000u)) {
        sum <<= 1;
        shift--;
    }
    const int32_t scale = reciprocal_of_one_plus((int32_t)(sum - 0x80000000u));
    if (shift > 31) {
        exps_count = 0; /* all of each product is shifted out */
    }

    do {
        const int32_t difference = max - *in;
        int32_t y = 0;
        if (difference < exps_count) {
            y = (int32_t)shifted(high_mul(exps[difference], scale), shift);
        }
        *out++ = (int8_t)((y < 255 ? y : 255) - 128);
    } while (++in != end);
}

void tk_softmax_s8(const tk_softmax_s8_params *p, const int8_t *in, int8_t *out)
{
    int32_t rows = p->rows;

    do {
        softmax_row(p, in, out);
        in += p->depth;
        out += p->depth;
    } while (--rows != 0);
}
