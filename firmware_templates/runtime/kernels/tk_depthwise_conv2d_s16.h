/* DEPTHWISE_CONV_2D, int16 with int8 weights: portable C. */
#ifndef TK_DEPTHWISE_CONV2D_S16_H
#define TK_DEPTHWISE_CONV2D_S16_H

#include "tk_output_s16.h"

#include <stdint.h>

typedef struct {
    uint16_t batches;
    uint16_t in_h, in_w, in_c;
    uint16_t out_h, out_w;
    uint16_t depth_multiplier;
    uint16_t k_h, k_w;
    uint16_t stride_h, stride_w;
    uint16_t dilation_h, dilation_w;
    uint16_t pad_top, pad_left;
    tk_output_s16 output;
} tk_depthwise_conv2d_s16_params;

/* in [batches][in_h][in_w][in_c], weights [k_h][k_w][in_c * depth_multiplier], out [batches][out_h][out_w][the same] */
void tk_depthwise_conv2d_s16(const tk_depthwise_conv2d_s16_params *p, const int16_t *in, const int8_t *weights,
                             int16_t *out);

#endif
