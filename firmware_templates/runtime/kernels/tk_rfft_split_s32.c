/* The end of a Fourier transform of real numbers, int32. */
#include "tk_rfft_split_s32.h"

#include "tk_fft_s32.h"

#include "tk_rfft_split.h"

void tk_rfft_split_s32(const tk_rfft_split_s32_params *p, int32_t *data)
{
    tk_rfft_split(p->frames, p->length, p->roots, data);
}
