/* The beginning of an inverse Fourier transform to real numbers, float32. */
#include "tk_irfft_merge_f32.h"

#include "tk_fft_f32.h"

#include "tk_irfft_merge.h"

void tk_irfft_merge_f32(const tk_irfft_merge_f32_params *p, const float *in, float *out)
{
    tk_irfft_merge(&p->order, p->frames, p->row, p->length, p->roots, in, out);
}
