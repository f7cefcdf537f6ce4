/* CONV_2D, DEPTHWISE_CONV_2D and FULLY_CONNECTED, int8, of weights that are computed; and CONV_2D in groups. */
#ifndef TK_SUMS_S8_H
#define TK_SUMS_S8_H

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
    uint16_t filter_c;   /* input channels of one filter */
    uint16_t group_out;  /* filters that read the same input channels */
    int32_t filter_step; /* weights from a filter to the next */
    int32_t tap_step;    /* weights from a tap to the next; those of a tap are neighbours */
    int16_t input_zero_point;
    int16_t weights_zero_point;
    tk_output_s8 output; /* biases as they are */
} tk_sums_s8_params;

/* in [batches][in_h][in_w][in_c], weights as the steps say, out [batches][out_h][out_w][out_c] */
void tk_sums_s8(const tk_sums_s8_params *p, const int8_t *in, const int8_t *weights, int8_t *out);

#endif
