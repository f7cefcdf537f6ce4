/* DEPTHWISE_CONV_2D, float32: portable C. */
#ifndef TK_DEPTHWISE_CONV2D_F32_H
#define TK_DEPTHWISE_CONV2D_F32_H

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
    float clamp_min, clamp_max;
    const float *weights; /* [in_c * depth_multiplier][k_h][k_w] */
    const float *bias;
} tk_depthwise_conv2d_f32_params;

/* in [batches][in_h][in_w][in_c], out [batches][out_h][out_w][in_c * depth_multiplier] */
void tk_depthwise_conv2d_f32(const tk_depthwise_conv2d_f32_params *p, const float *in, float *out);

#endif
