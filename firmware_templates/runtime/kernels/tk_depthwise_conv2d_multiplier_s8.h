/* DEPTHWISE_CONV_2D with several filters per channel, int8: portable C. */
#ifndef TK_DEPTHWISE_CONV2D_MULTIPLIER_S8_H
#define TK_DEPTHWISE_CONV2D_MULTIPLIER_S8_H

#include "tk_output_s8.h"

#include <stdint.h>

typedef struct {
    uint16_t batches;
    uint16_t in_h, in_w, in_c;
    uint16_t out_h, out_w;
    uint16_t depth_multiplier; /* output channel o reads input channel o / depth_multiplier */
    uint16_t k_h, k_w;
    uint16_t stride_h, stride_w;
    uint16_t dilation_h, dilation_w;
    uint16_t pad_top, pad_left;
    int16_t input_zero_point;
    const int8_t *weights;     /* [in_c * depth_multiplier][k_h][k_w] */
    tk_output_s8 output;
} tk_depthwise_conv2d_multiplier_s8_params;

/* in [batches][in_h][in_w][in_c], out [batches][out_h][out_w][in_c * depth_multiplier] */
void tk_depthwise_conv2d_multiplier_s8(const tk_depthwise_conv2d_multiplier_s8_params *p, const int8_t *in,
                                       int8_t *out);

#endif
