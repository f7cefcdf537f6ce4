/* A stage of radix 4 of a Fourier transform, in place, in the arithmetic that was included before. */
#ifndef TK_FFT_RADIX4_H
#define TK_FFT_RADIX4_H

#include "tk_fft_radix.h"

TK_INLINE void tk_fft_radix4_group(int32_t inverse, tk_fft_real *z, int32_t run, const tk_fft_real *roots, int32_t root_step)
{
    const int32_t next = inverse ? 3 * run : run;

    for (int32_t u = 0; u < run; u++, z += 2) {
        const tk_fft_complex a = tk_fft_divided(tk_fft_get(z, 0), 4);
        const tk_fft_complex b = tk_fft_operand(z, run, 4, roots, u * root_step);
        const tk_fft_complex c = tk_fft_operand(z, 2 * run, 4, roots, 2 * u * root_step);
        const tk_fft_complex d = tk_fft_operand(z, 3 * run, 4, roots, 3 * u * root_step);
        const tk_fft_complex even = tk_fft_sum(a, c);
        const tk_fft_complex odd = tk_fft_sum(b, d);
        const tk_fft_complex across = tk_fft_difference(a, c);
        const tk_fft_complex turned = tk_fft_difference(b, d);

        tk_fft_put(z, 0, tk_fft_sum(even, odd));
        tk_fft_put(z, 2 * run, tk_fft_difference(even, odd));
        tk_fft_put(z, next, tk_fft_difference_turned(across, turned));
        tk_fft_put(z, 4 * run - next, tk_fft_sum_turned(across, turned));
    }
}

TK_INLINE void tk_fft_radix4(const tk_fft_stage *stage, const tk_fft_real *roots, tk_fft_real *data)
{
    for (int32_t frame = 0; frame < stage->frames; frame++) {
        tk_fft_real *z = data + (size_t)frame * (size_t)(2 * stage->step);

        for (int32_t block = 0; block < stage->blocks; block++) {
            tk_fft_radix4_group(stage->inverse, z, stage->run, roots, stage->blocks);
            z += 8 * stage->run;
        }
    }
}

#endif
