/* A stage of radix 3 of Fourier transforms, int16. */
#include "tk_fft_radix3_s16.h"

#include "tk_fft_s16.h"

#include "tk_fft_radix3.h"

void tk_fft_radix3_s16(const tk_fft_radix3_s16_params *p, int16_t *data)
{
    tk_fft_radix3(&p->stage, p->roots, data);
}
