/* A stage of radix 3 of a Fourier transform, in place, in the arithmetic that was included before. */
#ifndef TK_FFT_RADIX3_H
#define TK_FFT_RADIX3_H

#include "tk_fft_radix.h"

TK_INLINE void tk_fft_radix3_group(tk_fft_real *z, int32_t run, const tk_fft_real *roots, int32_t root_step)
{
    const tk_fft_real sine = roots[2 * run * root_step + 1]; /* of a third of a turn */

    for (int32_t u = 0; u < run; u++, z += 2) {
        const tk_fft_complex a = tk_fft_divided(tk_fft_get(z, 0), 3);
        const tk_fft_complex b = tk_fft_operand(z, run, 3, roots, u * root_step);
        const tk_fft_complex c = tk_fft_operand(z, 2 * run, 3, roots, 2 * u * root_step);
        const tk_fft_complex sum = tk_fft_sum(b, c);
        const tk_fft_complex difference = tk_fft_difference(b, c);
        const tk_fft_complex turned = tk_fft_scaled(difference, sine);
        const tk_fft_complex middle = {tk_fft_sub(a.r, tk_fft_half(sum.r)), tk_fft_sub(a.i, tk_fft_half(sum.i))};

        tk_fft_put(z, 0, tk_fft_sum(a, sum));
        tk_fft_put(z, run, tk_fft_sum_turned(middle, turned));
        tk_fft_put(z, 2 * run, tk_fft_difference_turned(middle, turned));
    }
}

TK_INLINE void tk_fft_radix3(const tk_fft_stage *stage, const tk_fft_real *roots, tk_fft_real *data)
{
    for (int32_t frame = 0; frame < stage->frames; frame++) {
        tk_fft_real *z = data + (size_t)frame * (size_t)(2 * stage->step);

        for (int32_t block = 0; block < stage->blocks; block++) {
            tk_fft_radix3_group(z, stage->run, roots, stage->blocks);
            z += 6 * stage->run;
        }
    }
}

#endif
