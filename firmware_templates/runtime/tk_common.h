/* Arithmetic shared by tinykit's kernels: TFLite-Micro's fixed-point rounding, bit for bit.
 *
 * Sources: gemmlowp fixedpoint.h; TensorFlow Lite kernels/internal/common.h (double rounding).
 * Right shifts of negative integers are arithmetic on every supported compiler (checked below).
 */
#ifndef TK_COMMON_H
#define TK_COMMON_H

#include <stddef.h>
#include <stdint.h>

#if (-1 >> 1) != -1
#error "tinykit's kernels need an arithmetic right shift of signed integers"
#endif

#if defined(__GNUC__)
#define TK_INLINE static inline __attribute__((always_inline))
#define TK_NOINLINE __attribute__((noinline))
#define TK_RESTRICT __restrict__
#else
#define TK_INLINE static inline
#define TK_NOINLINE
#define TK_RESTRICT
#endif

/* round(a * b / 2^31), ties towards +infinity. The multiplier b is never INT32_MIN, so nothing saturates. */
TK_INLINE int32_t tk_doubling_high_mul(int32_t a, int32_t b)
{
    return (int32_t)(((int64_t)a * b + ((int64_t)1 << 30)) >> 31);
}

/* round(x / 2^exponent), ties away from zero; exponent 0..31. */
TK_INLINE int32_t tk_rounding_shift(int32_t x, int32_t exponent)
{
    const int32_t mask = (int32_t)(((uint32_t)1 << exponent) - 1u);
    const int32_t remainder = x & mask;
    const int32_t threshold = (mask >> 1) + (x < 0 ? 1 : 0);
    return (x >> exponent) + (remainder > threshold ? 1 : 0);
}

/* x * multiplier * 2^(shift - 31), rounded twice as TFLite-Micro does. shift > 0 is a left shift.
 *
 * The second rounding, ties away from zero, is done without a mask: subtracting one from a negative number turns its
 * ties into "round half up", and half up is the shifted number plus its last bit shifted out. That cannot overflow:
 * the multiplier is below 2^31, so the product of the first step is never INT32_MIN. */
TK_INLINE int32_t tk_requantize(int32_t x, int32_t multiplier, int32_t shift)
{
    if (shift >= 0) {
        return tk_doubling_high_mul((int32_t)((uint32_t)x << shift), multiplier);
    }
    const int32_t product = tk_doubling_high_mul(x, multiplier);
    const int32_t twice = (product + (product >> 31)) >> (-shift - 1);
    return (twice >> 1) + (twice & 1);
}

TK_INLINE int32_t tk_clamp(int32_t x, int32_t low, int32_t high)
{
    return x < low ? low : (x > high ? high : x);
}

/* x clamped to all of int8: one instruction where there is one. (In a loop gcc keeps the bounds in registers and then
 * does not see it by itself.) */
TK_INLINE int8_t tk_saturate_s8(int32_t x)
{
#if defined(__ARM_FEATURE_SAT) && defined(__GNUC__)
    int32_t y;
    __asm__("ssat %0, #8, %1" : "=r"(y) : "r"(x));
    return (int8_t)y;
#else
    return (int8_t)tk_clamp(x, -128, 127);
#endif
}

TK_INLINE float tk_clampf(float x, float low, float high)
{
    return x < low ? low : (x > high ? high : x);
}

#endif
