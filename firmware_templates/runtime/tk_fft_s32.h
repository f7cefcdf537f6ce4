/* Arithmetic of Fourier transforms in int32: products and quotients rounded to nearest, sums that wrap around. */
#ifndef TK_FFT_S32_H
#define TK_FFT_S32_H

#include "tk_common.h"

typedef int32_t tk_fft_real;

TK_INLINE int32_t tk_fft_round(int64_t x)
{
    return (int32_t)((x + ((int64_t)1 << 30)) >> 31);
}

TK_INLINE int32_t tk_fft_add(int32_t a, int32_t b)
{
    return (int32_t)((uint32_t)a + (uint32_t)b);
}

TK_INLINE int32_t tk_fft_sub(int32_t a, int32_t b)
{
    return (int32_t)((uint32_t)a - (uint32_t)b);
}

TK_INLINE int32_t tk_fft_mul(int32_t a, int32_t b)
{
    return tk_fft_round((int64_t)a * b);
}

/* a * b + c * d, rounded once; b and d are cosine and sine of one angle, so that it fits */
TK_INLINE int32_t tk_fft_mul_add(int32_t a, int32_t b, int32_t c, int32_t d)
{
    return tk_fft_round((int64_t)a * b + (int64_t)c * d);
}

TK_INLINE int32_t tk_fft_mul_sub(int32_t a, int32_t b, int32_t c, int32_t d)
{
    return tk_fft_round((int64_t)a * b - (int64_t)c * d);
}

TK_INLINE int32_t tk_fft_divide(int32_t a, int32_t divisor)
{
    return tk_fft_round((int64_t)a * (INT32_MAX / divisor));
}

TK_INLINE int32_t tk_fft_half(int32_t a)
{
    return a >> 1;
}

TK_INLINE int32_t tk_fft_half_sum(int32_t a, int32_t b)
{
    return tk_fft_add(a, b) >> 1;
}

TK_INLINE int32_t tk_fft_half_difference(int32_t a, int32_t b)
{
    return tk_fft_sub(a, b) >> 1;
}

#endif
