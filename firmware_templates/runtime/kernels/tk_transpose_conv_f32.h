/* TRANSPOSE_CONV, float32: portable C. See tk_transpose_conv_f32.c. */
#ifndef TK_TRANSPOSE_CONV_F32_H
#define TK_TRANSPOSE_CONV_F32_H

#include <stdint.h>

typedef struct {
    uint16_t batches;
    uint16_t in_h, in_w, in_c;
    uint16_t out_h, out_w, out_c;
    uint16_t k_h, k_w;
    uint16_t stride_h, stride_w;
    uint16_t pad_top, pad_left; /* of the convolution that this one is the transpose of */
    float clamp_min, clamp_max;
    const float *bias; /* out_c, or null */
} tk_transpose_conv_f32_params;

/* in [batches][in_h][in_w][in_c], weights [out_c][k_h][k_w][in_c], out [batches][out_h][out_w][out_c] */
void tk_transpose_conv_f32(const tk_transpose_conv_f32_params *p, const float *in, const float *weights, float *out);

#endif
