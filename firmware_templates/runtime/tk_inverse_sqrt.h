/* 1 / sqrt(x) of an integer in fixed point, as GetInvSqrtQuantizedMultiplierExp of TensorFlow Lite's
 * kernels/internal/common.h gives it, bit for bit. */
#ifndef TK_INVERSE_SQRT_H
#define TK_INVERSE_SQRT_H

#include "tk_common.h"

#define TK_THREE_HALVES (3 << 27)          /* Q3.28 */
#define TK_HALF_SQRT_2 ((int32_t)1518500250) /* Q0.31 */

TK_INLINE int32_t tk_shift_left_saturating(int32_t x, int32_t amount)
{
    const int32_t limit = INT32_MAX >> amount;
    return x > limit ? INT32_MAX : (x < -limit ? INT32_MIN : (int32_t)((uint32_t)x << amount));
}

/* For x >= 0: 1 / sqrt(x) is the result * 2^(*shift - 31), with *shift <= 0; 0 counts as 1. */
TK_INLINE int32_t tk_inverse_sqrt(int32_t x, int32_t *shift)
{
    int32_t right = 11;

    if (x <= 1) {
        *shift = 0;
        return INT32_MAX;
    }
    while (x >= (1 << 29)) {
        x /= 4;
        right++;
    }
    while (x < (1 << 27)) {
        x <<= 2;
        right--;
    }
    /* Newton's steps from 1, in Q3.28 */
    const int32_t half = ((x >> 1) + 1) >> 1;
    int32_t y = 1 << 28;
    for (int step = 0; step < 5; step++) {
        const int32_t square = tk_doubling_high_mul(y, y);
        const int32_t cube = tk_shift_left_saturating(tk_doubling_high_mul(square, y), 6);
        const int32_t next = tk_doubling_high_mul(TK_THREE_HALVES, y) - tk_doubling_high_mul(half, cube);
        y = tk_shift_left_saturating(next, 3);
    }
    y = tk_doubling_high_mul(y, TK_HALF_SQRT_2);
    if (right < 0) {
        y = (int32_t)((uint32_t)y << -right);
        right = 0;
    }
    *shift = -right;
    return y;
}

#endif
