/* The beginning of an inverse Fourier transform to real numbers, int16. */
#ifndef TK_IRFFT_MERGE_S16_H
#define TK_IRFFT_MERGE_S16_H

#include "tk_fft_order.h"

typedef struct {
    tk_fft_order order;
    int32_t frames;
    int32_t row; /* complex numbers in a row of the input, at least length + 1 */
    int32_t length; /* complex numbers that are transformed, half as many as the real ones */
    const int16_t *roots; /* pairs of cosine and sine */
} tk_irfft_merge_s16_params;

/* in [frames][row], out [frames][length]: pairs of real and imaginary part */
void tk_irfft_merge_s16(const tk_irfft_merge_s16_params *p, const int16_t *in, int16_t *out);

#endif
