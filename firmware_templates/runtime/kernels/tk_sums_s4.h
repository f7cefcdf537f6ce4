/* CONV_2D, also in groups, and FULLY_CONNECTED, int8 with int4 weights. See tk_sums_s4.c. */
#ifndef TK_SUMS_S4_H
#define TK_SUMS_S4_H

#include "tk_output_s8.h"

#include <stdint.h>

typedef struct {
    uint16_t batches;
    uint16_t in_h, in_w, in_c;
    uint16_t out_h, out_w, out_c;
    uint16_t k_h, k_w;
    uint16_t stride_h, stride_w;
    uint16_t dilation_h, dilation_w;
    uint16_t pad_top, pad_left;
    uint16_t filter_c;  /* input channels of one filter */
    uint16_t group_out; /* filters that read the same input channels */
    int16_t input_zero_point;
    int16_t weights_zero_point;
    const uint8_t *weights; /* [out_c][k_h][k_w][filter_c], two to a byte, the first in its low half */
    tk_output_s8 output;    /* biases as they are */
} tk_sums_s4_params;

/* in [batches][in_h][in_w][in_c], out [batches][out_h][out_w][out_c] */
void tk_sums_s4(const tk_sums_s4_params *p, const int8_t *in, int8_t *out);

#endif
