/* A stage of radix 2 of a Fourier transform, in place, in the arithmetic that was included before. */
#ifndef TK_FFT_RADIX2_H
#define TK_FFT_RADIX2_H

#include "tk_fft_radix.h"

TK_INLINE void tk_fft_radix2_group(tk_fft_real *z, int32_t run, const tk_fft_real *roots, int32_t root_step)
{
    for (int32_t u = 0; u < run; u++, z += 2) {
        const tk_fft_complex a = tk_fft_divided(tk_fft_get(z, 0), 2);
        const tk_fft_complex b = tk_fft_operand(z, run, 2, roots, u * root_step);

        tk_fft_put(z, run, tk_fft_difference(a, b));
        tk_fft_put(z, 0, tk_fft_sum(a, b));
    }
}

TK_INLINE void tk_fft_radix2(const tk_fft_stage *stage, const tk_fft_real *roots, tk_fft_real *data)
{
    for (int32_t frame = 0; frame < stage->frames; frame++) {
        tk_fft_real *z = data + (size_t)frame * (size_t)(2 * stage->step);

        for (int32_t block = 0; block < stage->blocks; block++) {
            tk_fft_radix2_group(z, stage->run, roots, stage->blocks);
            z += 4 * stage->run;
        }
    }
}

#endif
