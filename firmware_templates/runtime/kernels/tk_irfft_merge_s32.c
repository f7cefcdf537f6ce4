/* The beginning of an inverse Fourier transform to real numbers, int32. */
#include "tk_irfft_merge_s32.h"

#include "tk_fft_s32.h"

#include "tk_irfft_merge.h"

void tk_irfft_merge_s32(const tk_irfft_merge_s32_params *p, const int32_t *in, int32_t *out)
{
    tk_irfft_merge(&p->order, p->frames, p->row, p->length, p->roots, in, out);
}
