/* Arithmetic of Fourier transforms in float32, which divides nothing on the way. */
#ifndef TK_FFT_F32_H
#define TK_FFT_F32_H

#include "tk_common.h"

typedef float tk_fft_real;

TK_INLINE float tk_fft_add(float a, float b)
{
    return a + b;
}

TK_INLINE float tk_fft_sub(float a, float b)
{
    return a - b;
}

TK_INLINE float tk_fft_mul(float a, float b)
{
    return a * b;
}

TK_INLINE float tk_fft_mul_add(float a, float b, float c, float d)
{
    return a * b + c * d;
}

TK_INLINE float tk_fft_mul_sub(float a, float b, float c, float d)
{
    return a * b - c * d;
}

TK_INLINE float tk_fft_divide(float a, int32_t divisor)
{
    (void)divisor;
    return a;
}

TK_INLINE float tk_fft_half(float a)
{
    return a * 0.5f;
}

TK_INLINE float tk_fft_half_sum(float a, float b)
{
    return (a + b) * 0.5f;
}

TK_INLINE float tk_fft_half_difference(float a, float b)
{
    return (a - b) * 0.5f;
}

#endif
