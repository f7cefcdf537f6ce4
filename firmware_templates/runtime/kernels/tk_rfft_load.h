/* The beginning of a Fourier transform of real numbers: puts pairs of them in the order that the transform wants. */
#ifndef TK_RFFT_LOAD_H
#define TK_RFFT_LOAD_H

#include "tk_fft_order.h"

typedef struct {
    tk_fft_order order;
    int32_t frames;
    int32_t row; /* bytes of a row of the input; what it is shorter than the transform is taken as zeros */
    int32_t length; /* pairs that are transformed */
    int32_t pair; /* bytes of a pair */
} tk_rfft_load_params;

/* in [frames][row], out [frames][length + 1] pairs, of which the last gets no value */
void tk_rfft_load(const tk_rfft_load_params *p, const void *in, void *out);

#endif
