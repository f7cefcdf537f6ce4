/* A stage of radix 2 of Fourier transforms, int32. */
#include "tk_fft_radix2_s32.h"

#include "tk_fft_s32.h"

#include "tk_fft_radix2.h"

void tk_fft_radix2_s32(const tk_fft_radix2_s32_params *p, int32_t *data)
{
    tk_fft_radix2(&p->stage, p->roots, data);
}
