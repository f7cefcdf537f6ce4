/* Complex numbers of Fourier transforms, in the arithmetic that was included before: tk_fft_s16.h, _s32.h or _f32.h. */
#ifndef TK_FFT_COMPLEX_H
#define TK_FFT_COMPLEX_H

typedef struct {
    tk_fft_real r, i;
} tk_fft_complex;

/* The number at ``index`` of an array of pairs. */
TK_INLINE tk_fft_complex tk_fft_get(const tk_fft_real *pairs, int32_t index)
{
    const tk_fft_complex z = {pairs[2 * index], pairs[2 * index + 1]};
    return z;
}

TK_INLINE void tk_fft_put(tk_fft_real *pairs, int32_t index, tk_fft_complex z)
{
    pairs[2 * index] = z.r;
    pairs[2 * index + 1] = z.i;
}

/* Fixed-point numbers are divided before they are added up. */
TK_INLINE tk_fft_complex tk_fft_divided(tk_fft_complex z, int32_t divisor)
{
    const tk_fft_complex y = {tk_fft_divide(z.r, divisor), tk_fft_divide(z.i, divisor)};
    return y;
}

TK_INLINE tk_fft_complex tk_fft_sum(tk_fft_complex a, tk_fft_complex b)
{
    const tk_fft_complex z = {tk_fft_add(a.r, b.r), tk_fft_add(a.i, b.i)};
    return z;
}

TK_INLINE tk_fft_complex tk_fft_difference(tk_fft_complex a, tk_fft_complex b)
{
    const tk_fft_complex z = {tk_fft_sub(a.r, b.r), tk_fft_sub(a.i, b.i)};
    return z;
}

TK_INLINE tk_fft_complex tk_fft_conjugate(tk_fft_complex a)
{
    const tk_fft_complex z = {a.r, tk_fft_sub(0, a.i)};
    return z;
}

TK_INLINE tk_fft_complex tk_fft_product(tk_fft_complex a, tk_fft_complex b)
{
    const tk_fft_complex z = {tk_fft_mul_sub(a.r, b.r, a.i, b.i), tk_fft_mul_add(a.r, b.i, a.i, b.r)};
    return z;
}

TK_INLINE tk_fft_complex tk_fft_scaled(tk_fft_complex a, tk_fft_real factor)
{
    const tk_fft_complex z = {tk_fft_mul(a.r, factor), tk_fft_mul(a.i, factor)};
    return z;
}

/* a + i * b */
TK_INLINE tk_fft_complex tk_fft_sum_turned(tk_fft_complex a, tk_fft_complex b)
{
    const tk_fft_complex z = {tk_fft_sub(a.r, b.i), tk_fft_add(a.i, b.r)};
    return z;
}

/* a - i * b */
TK_INLINE tk_fft_complex tk_fft_difference_turned(tk_fft_complex a, tk_fft_complex b)
{
    const tk_fft_complex z = {tk_fft_add(a.r, b.i), tk_fft_sub(a.i, b.r)};
    return z;
}

#endif
