/* Division in fixed point, gemmlowp's: three Newton-Raphson steps. */
#ifndef TK_RECIPROCAL_H
#define TK_RECIPROCAL_H

#include "tk_common.h"

/* tk_doubling_high_mul, once: it is several instructions where int64_t is two registers. */
static TK_NOINLINE int32_t tk_high_mul(int32_t a, int32_t b)
{
    return tk_doubling_high_mul(a, b);
}

/* 1 / (1 + a) in Q0.31 for a in [0, 1) in Q0.31. */
static int32_t tk_reciprocal_of_one_plus(int32_t a)
{
    const int32_t half_denominator = (int32_t)(((uint32_t)a + 0x80000000u) >> 1);
    /* 48/17 - 32/17 * d, the best line to start from, in Q2.29 */
    int32_t x = 1515870810 + tk_high_mul(half_denominator, -1010580540);
    int32_t steps = 3;

    do {
        const int32_t error = (1 << 29) - tk_high_mul(half_denominator, x);
        x += 4 * tk_high_mul(x, error);
    } while (--steps != 0);
    /* x is 2 / (1 + a) */
    return x < 1 << 30 ? 2 * x : INT32_MAX;
}

#endif
