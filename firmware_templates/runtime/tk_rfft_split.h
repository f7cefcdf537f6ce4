/* The end of a Fourier transform of real numbers that was computed as one of half as many complex ones, in the
 * arithmetic that was included before. */
#ifndef TK_RFFT_SPLIT_H
#define TK_RFFT_SPLIT_H

#include "tk_fft_complex.h"

/* data: in each frame ``length`` complex numbers, which become length + 1. */
TK_INLINE void tk_rfft_split(int32_t frames, int32_t length, const tk_fft_real *roots, tk_fft_real *data)
{
    for (; frames > 0; frames--, data += 2 * (length + 1)) {
        const tk_fft_complex zero = tk_fft_divided(tk_fft_get(data, 0), 2);
        const tk_fft_complex first = {tk_fft_add(zero.r, zero.i), 0};
        const tk_fft_complex last = {tk_fft_sub(zero.r, zero.i), 0};

        tk_fft_put(data, 0, first);
        tk_fft_put(data, length, last);
        for (int32_t k = 1; k <= length / 2; k++) {
            const tk_fft_complex a = tk_fft_divided(tk_fft_get(data, k), 2);
            const tk_fft_complex b = tk_fft_divided(tk_fft_conjugate(tk_fft_get(data, length - k)), 2);
            const tk_fft_complex even = tk_fft_sum(a, b);
            const tk_fft_complex odd = tk_fft_product(tk_fft_difference(a, b), tk_fft_get(roots, k - 1));
            const tk_fft_complex low = {tk_fft_half_sum(even.r, odd.r), tk_fft_half_sum(even.i, odd.i)};
            const tk_fft_complex high = {tk_fft_half_difference(even.r, odd.r), tk_fft_half_difference(odd.i, even.i)};

            tk_fft_put(data, k, low);
            tk_fft_put(data, length - k, high); /* in the middle of an even length it is this that stays */
        }
    }
}

#endif
