/* A stage of radix 4 of Fourier transforms, float32. */
#include "tk_fft_radix4_f32.h"

#include "tk_fft_f32.h"

#include "tk_fft_radix4.h"

void tk_fft_radix4_f32(const tk_fft_radix4_f32_params *p, float *data)
{
    tk_fft_radix4(&p->stage, p->roots, data);
}
