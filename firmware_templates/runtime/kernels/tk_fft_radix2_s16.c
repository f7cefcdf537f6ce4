/* A stage of radix 2 of Fourier transforms, int16. */
#include "tk_fft_radix2_s16.h"

#include "tk_fft_s16.h"

#include "tk_fft_radix2.h"

void tk_fft_radix2_s16(const tk_fft_radix2_s16_params *p, int16_t *data)
{
    tk_fft_radix2(&p->stage, p->roots, data);
}
