/* A stage of radix 3 of Fourier transforms, float32. */
#ifndef TK_FFT_RADIX3_F32_H
#define TK_FFT_RADIX3_F32_H

#include "tk_fft_stage.h"

typedef struct {
    tk_fft_stage stage;
    const float *roots; /* of unity: pairs of cosine and sine */
} tk_fft_radix3_f32_params;

/* data: pairs of real and imaginary part, frame by frame */
void tk_fft_radix3_f32(const tk_fft_radix3_f32_params *p, float *data);

#endif
