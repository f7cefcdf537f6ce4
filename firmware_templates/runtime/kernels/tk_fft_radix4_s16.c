/* A stage of radix 4 of Fourier transforms, int16. */
#include "tk_fft_radix4_s16.h"

#include "tk_fft_s16.h"

#include "tk_fft_radix4.h"

void tk_fft_radix4_s16(const tk_fft_radix4_s16_params *p, int16_t *data)
{
    tk_fft_radix4(&p->stage, p->roots, data);
}
