/* A stage of radix 2 of Fourier transforms, float32. */
#include "tk_fft_radix2_f32.h"

#include "tk_fft_f32.h"

#include "tk_fft_radix2.h"

void tk_fft_radix2_f32(const tk_fft_radix2_f32_params *p, float *data)
{
    tk_fft_radix2(&p->stage, p->roots, data);
}
