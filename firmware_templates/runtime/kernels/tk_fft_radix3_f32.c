/* A stage of radix 3 of Fourier transforms, float32. */
#include "tk_fft_radix3_f32.h"

#include "tk_fft_f32.h"

#include "tk_fft_radix3.h"

void tk_fft_radix3_f32(const tk_fft_radix3_f32_params *p, float *data)
{
    tk_fft_radix3(&p->stage, p->roots, data);
}
