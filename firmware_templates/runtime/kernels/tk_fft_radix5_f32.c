/* A stage of radix 5 of Fourier transforms, float32. */
#include "tk_fft_radix5_f32.h"

#include "tk_fft_f32.h"

#include "tk_fft_radix5.h"

void tk_fft_radix5_f32(const tk_fft_radix5_f32_params *p, float *data)
{
    tk_fft_radix5(&p->stage, p->roots, data);
}
