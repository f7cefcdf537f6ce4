/* MUL, int8: the product is requantized with TFLite's double rounding (reference/integer_ops/mul.h). */
#include "tk_mul_s8.h"

#include "tk_common.h"

void tk_mul_s8(const tk_mul_s8_params *p, const int8_t *a, const int8_t *b, int8_t *out)
{
    const int32_t zero_a = p->zero_a;
    const int32_t zero_b = p->zero_b;
    const int32_t zero = p->zero;
    const int32_t multiplier = p->multiplier;
    const int32_t left_shift = p->left_shift;
    const int32_t right_shift = p->right_shift;
    const int32_t step_b = p->step_b;
    const int32_t low = p->low;
    const int32_t high = p->high;
    /* tk_rounding_shift(x, s) for many x: (x + half + (x < 0 ? -1 : 0)) >> s, and x itself for s = 0 */
    const int32_t half = right_shift > 0 ? (int32_t)((uint32_t)1 << (right_shift - 1)) : 0;
    const int32_t sign_mask = right_shift > 0 ? -1 : 0;
    /* |x| stays below 2^31: see left_shift. x is even then, and its high product needs no 31-bit shift. */
    const int32_t factor = (int32_t)((uint32_t)2 << left_shift);
    tk_broadcast at = {{0}, 0, 0};

    do {
        const int8_t *x = a + at.a;
        const int8_t *y = b + at.b;
        const int8_t *const end = x + p->row;
        for (; x != end; y += step_b) {
            const int32_t product = (*x++ - zero_a) * (*y - zero_b) * factor;
            const int32_t scaled = (int32_t)(((int64_t)product * multiplier + ((int64_t)1 << 31)) >> 32);
            const int32_t rounded = (scaled + half + ((scaled >> 31) & sign_mask)) >> right_shift;
            *out++ = (int8_t)tk_clamp(rounded + zero, low, high);
        }
    } while (tk_broadcast_next(&at, p->count, p->stride_a, p->stride_b));
}
