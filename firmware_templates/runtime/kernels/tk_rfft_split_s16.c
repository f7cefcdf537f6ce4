/* The end of a Fourier transform of real numbers, int16. */
#include "tk_rfft_split_s16.h"

#include "tk_fft_s16.h"

#include "tk_rfft_split.h"

void tk_rfft_split_s16(const tk_rfft_split_s16_params *p, int16_t *data)
{
    tk_rfft_split(p->frames, p->length, p->roots, data);
}
