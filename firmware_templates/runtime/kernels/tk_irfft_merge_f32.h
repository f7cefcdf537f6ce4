/* The beginning of an inverse Fourier transform to real numbers, float32. */
#ifndef TK_IRFFT_MERGE_F32_H
#define TK_IRFFT_MERGE_F32_H

#include "tk_fft_order.h"

typedef struct {
    tk_fft_order order;
    int32_t frames;
    int32_t row; /* complex numbers in a row of the input, at least length + 1 */
    int32_t length; /* complex numbers that are transformed, half as many as the real ones */
    const float *roots; /* pairs of cosine and sine */
} tk_irfft_merge_f32_params;

/* in [frames][row], out [frames][length]: pairs of real and imaginary part */
void tk_irfft_merge_f32(const tk_irfft_merge_f32_params *p, const float *in, float *out);

#endif
