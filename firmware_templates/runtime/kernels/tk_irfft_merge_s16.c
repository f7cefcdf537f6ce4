/* The beginning of an inverse Fourier transform to real numbers, int16. */
#include "tk_irfft_merge_s16.h"

#include "tk_fft_s16.h"

#include "tk_irfft_merge.h"

void tk_irfft_merge_s16(const tk_irfft_merge_s16_params *p, const int16_t *in, int16_t *out)
{
    tk_irfft_merge(&p->order, p->frames, p->row, p->length, p->roots, in, out);
}
