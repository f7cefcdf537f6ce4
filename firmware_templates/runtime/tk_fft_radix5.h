/* A stage of radix 5 of a Fourier transform, in place, in the arithmetic that was included before. */
#ifndef TK_FFT_RADIX5_H
#define TK_FFT_RADIX5_H

#include "tk_fft_radix.h"

TK_INLINE void tk_fft_radix5_group(tk_fft_real *z, int32_t run, const tk_fft_real *roots, int32_t root_step)
{
    const tk_fft_complex one = tk_fft_get(roots, run * root_step); /* a fifth of a turn */
    const tk_fft_complex two = tk_fft_get(roots, 2 * run * root_step);

    for (int32_t u = 0; u < run; u++, z += 2) {
        const tk_fft_complex a = tk_fft_divided(tk_fft_get(z, 0), 5);
        const tk_fft_complex b = tk_fft_operand(z, run, 5, roots, u * root_step);
        const tk_fft_complex c = tk_fft_operand(z, 2 * run, 5, roots, 2 * u * root_step);
        const tk_fft_complex d = tk_fft_operand(z, 3 * run, 5, roots, 3 * u * root_step);
        const tk_fft_complex e = tk_fft_operand(z, 4 * run, 5, roots, 4 * u * root_step);
        const tk_fft_complex outer = tk_fft_sum(b, e);
        const tk_fft_complex inner = tk_fft_sum(c, d);
        const tk_fft_complex outer_half = tk_fft_difference(b, e);
        const tk_fft_complex inner_half = tk_fft_difference(c, d);
        const tk_fft_complex near = tk_fft_sum(tk_fft_sum(a, tk_fft_scaled(outer, one.r)), tk_fft_scaled(inner, two.r));
        const tk_fft_complex far = tk_fft_sum(tk_fft_sum(a, tk_fft_scaled(outer, two.r)), tk_fft_scaled(inner, one.r));
        const tk_fft_complex near_turned =
            tk_fft_sum(tk_fft_scaled(outer_half, one.i), tk_fft_scaled(inner_half, two.i));
        const tk_fft_complex far_turned =
            tk_fft_difference(tk_fft_scaled(outer_half, two.i), tk_fft_scaled(inner_half, one.i));

        tk_fft_put(z, 0, tk_fft_sum(a, tk_fft_sum(outer, inner)));
        tk_fft_put(z, run, tk_fft_sum_turned(near, near_turned));
        tk_fft_put(z, 2 * run, tk_fft_sum_turned(far, far_turned));
        tk_fft_put(z, 3 * run, tk_fft_difference_turned(far, far_turned));
        tk_fft_put(z, 4 * run, tk_fft_difference_turned(near, near_turned));
    }
}

TK_INLINE void tk_fft_radix5(const tk_fft_stage *stage, const tk_fft_real *roots, tk_fft_real *data)
{
    for (int32_t frame = 0; frame < stage->frames; frame++) {
        tk_fft_real *z = data + (size_t)frame * (size_t)(2 * stage->step);

        for (int32_t block = 0; block < stage->blocks; block++) {
            tk_fft_radix5_group(z, stage->run, roots, stage->blocks);
            z += 10 * stage->run;
        }
    }
}

#endif
