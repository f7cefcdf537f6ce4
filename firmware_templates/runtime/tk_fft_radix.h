/* What the stages of all radices share, in the arithmetic that was included before. */
#ifndef TK_FFT_RADIX_H
#define TK_FFT_RADIX_H

#include "tk_fft_complex.h"
#include "tk_fft_stage.h"

/* A number of a group, divided by the radix, as all of its group are, times its root of unity. */
TK_INLINE tk_fft_complex tk_fft_operand(const tk_fft_real *z, int32_t at, int32_t radix, const tk_fft_real *roots,
                                        int32_t root)
{
    return tk_fft_product(tk_fft_divided(tk_fft_get(z, at), radix), tk_fft_get(roots, root));
}

#endif
