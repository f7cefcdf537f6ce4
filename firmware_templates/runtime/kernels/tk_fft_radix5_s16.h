/* A stage of radix 5 of Fourier transforms, int16. */
#ifndef TK_FFT_RADIX5_S16_H
#define TK_FFT_RADIX5_S16_H

#include "tk_fft_stage.h"

typedef struct {
    tk_fft_stage stage;
    const int16_t *roots; /* of unity: pairs of cosine and sine */
} tk_fft_radix5_s16_params;

/* data: pairs of real and imaginary part, frame by frame */
void tk_fft_radix5_s16(const tk_fft_radix5_s16_params *p, int16_t *data);

#endif
