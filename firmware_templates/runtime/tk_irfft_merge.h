/* The beginning of an inverse Fourier transform to real numbers that is computed as one to half as many complex ones, in
 * the arithmetic that was included before. */
#ifndef TK_IRFFT_MERGE_H
#define TK_IRFFT_MERGE_H

#include "tk_fft_complex.h"
#include "tk_fft_order.h"

/* One of the numbers that are transformed; ``in`` has length + 1. */
TK_INLINE tk_fft_complex tk_irfft_merged(const tk_fft_real *in, int32_t index, int32_t length, const tk_fft_real *roots)
{
    if (index == 0) {
        const tk_fft_real first = in[0], last = in[2 * length];
        const tk_fft_complex zero = {tk_fft_add(first, last), tk_fft_sub(first, last)};
        return tk_fft_divided(zero, 2);
    }
    const int32_t mirrored = index >= length - length / 2;
    const int32_t k = mirrored ? length - index : index;
    const tk_fft_complex a = tk_fft_divided(tk_fft_get(in, k), 2);
    const tk_fft_complex b = tk_fft_divided(tk_fft_conjugate(tk_fft_get(in, length - k)), 2);
    const tk_fft_complex even = tk_fft_sum(a, b);
    const tk_fft_complex odd = tk_fft_product(tk_fft_difference(a, b), tk_fft_get(roots, k - 1));

    return mirrored ? tk_fft_conjugate(tk_fft_difference(even, odd)) : tk_fft_sum(even, odd);
}

/* in: frames of ``row`` complex numbers; out: of ``length``, in the order that the transform wants. */
TK_INLINE void tk_irfft_merge(const tk_fft_order *order, int32_t frames, int32_t row, int32_t length,
                              const tk_fft_real *roots, const tk_fft_real *in, tk_fft_real *out)
{
    for (; frames > 0; frames--, in += 2 * row, out += 2 * length) {
        uint16_t digits[TK_FFT_STAGES] = {0};
        int32_t position = 0;

        for (int32_t index = 0; index < length; index++) {
            tk_fft_put(out, position, tk_irfft_merged(in, index, length, roots));
            position = tk_fft_next(order, digits, position);
        }
    }
}

#endif
