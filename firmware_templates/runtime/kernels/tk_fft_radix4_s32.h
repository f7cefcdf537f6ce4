/* A stage of radix 4 of Fourier transforms, int32. */
#ifndef TK_FFT_RADIX4_S32_H
#define TK_FFT_RADIX4_S32_H

#include "tk_fft_stage.h"

typedef struct {
    tk_fft_stage stage;
    const int32_t *roots; /* of unity: pairs of cosine and sine */
} tk_fft_radix4_s32_params;

/* data: pairs of real and imaginary part, frame by frame */
void tk_fft_radix4_s32(const tk_fft_radix4_s32_params *p, int32_t *data);

#endif
