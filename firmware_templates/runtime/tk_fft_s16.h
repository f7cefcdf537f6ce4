/* Arithmetic of Fourier transforms in int16: products and quotients rounded to nearest, sums that wrap around. */
#ifndef TK_FFT_S16_H
#define TK_FFT_S16_H

#include "tk_common.h"

typedef int16_t tk_fft_real;

TK_INLINE int16_t tk_fft_round(int32_t x)
{
    return (int16_t)((x + (1 << 14)) >> 15);
}

TK_INLINE int16_t tk_fft_add(int16_t a, int16_t b)
{
    return (int16_t)(a + b);
}

TK_INLINE int16_t tk_fft_sub(int16_t a, int16_t b)
{
    return (int16_t)(a - b);
}

TK_INLINE int16_t tk_fft_mul(int16_t a, int16_t b)
{
    return tk_fft_round((int32_t)a * b);
}

/* a * b + c * d, rounded once; b and d are cosine and sine of one angle, so that it fits */
TK_INLINE int16_t tk_fft_mul_add(int16_t a, int16_t b, int16_t c, int16_t d)
{
    return tk_fft_round((int32_t)a * b + (int32_t)c * d);
}

TK_INLINE int16_t tk_fft_mul_sub(int16_t a, int16_t b, int16_t c, int16_t d)
{
    return tk_fft_round((int32_t)a * b - (int32_t)c * d);
}

TK_INLINE int16_t tk_fft_divide(int16_t a, int32_t divisor)
{
    return tk_fft_round((int32_t)a * (INT16_MAX / divisor));
}

TK_INLINE int16_t tk_fft_half(int16_t a)
{
    return (int16_t)(a >> 1);
}

/* half the sum, which does not wrap around */
TK_INLINE int16_t tk_fft_half_sum(int16_t a, int16_t b)
{
    return (int16_t)((a + b) >> 1);
}

TK_INLINE int16_t tk_fft_half_difference(int16_t a, int16_t b)
{
    return (int16_t)((a - b) >> 1);
}

#endif
