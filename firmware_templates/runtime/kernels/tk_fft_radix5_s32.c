/* A stage of radix 5 of Fourier transforms, int32. */
#include "tk_fft_radix5_s32.h"

#include "tk_fft_s32.h"

#include "tk_fft_radix5.h"

void tk_fft_radix5_s32(const tk_fft_radix5_s32_params *p, int32_t *data)
{
    tk_fft_radix5(&p->stage, p->roots, data);
}
