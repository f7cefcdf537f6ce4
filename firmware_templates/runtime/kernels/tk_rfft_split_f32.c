/* The end of a Fourier transform of real numbers, float32. */
#include "tk_rfft_split_f32.h"

#include "tk_fft_f32.h"

#include "tk_rfft_split.h"

void tk_rfft_split_f32(const tk_rfft_split_f32_params *p, float *data)
{
    tk_rfft_split(p->frames, p->length, p->roots, data);
}
