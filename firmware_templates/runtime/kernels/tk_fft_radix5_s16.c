/* A stage of radix 5 of Fourier transforms, int16. */
#include "tk_fft_radix5_s16.h"

#include "tk_fft_s16.h"

#include "tk_fft_radix5.h"

void tk_fft_radix5_s16(const tk_fft_radix5_s16_params *p, int16_t *data)
{
    tk_fft_radix5(&p->stage, p->roots, data);
}
