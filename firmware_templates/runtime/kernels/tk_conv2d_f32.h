/* CONV_2D and FULLY_CONNECTED, float32: portable C. See tk_conv2d_f32.c. */
#ifndef TK_CONV2D_F32_H
#define TK_CONV2D_F32_H

#include <stdint.h>

typedef struct {
    uint16_t batches;
    uint16_t in_h, in_w, in_c;
    uint16_t out_h, out_w, out_c;
    uint16_t k_h, k_w;
    uint16_t stride_h, stride_w;
    uint16_t dilation_h, dilation_w;
    uint16_t pad_top, pad_left;
    float clamp_min, clamp_max;
    const float *weights; /* blocks of 4 channels as [k_h][k_w][in_c][4]; the last block is filled up with zeros */
    const float *bias;    /* out_c, filled up with zeros to a multiple of 4 */
} tk_conv2d_f32_params;

/* in [batches][in_h][in_w][in_c], out [batches][out_h][out_w][out_c] */
void tk_conv2d_f32(const tk_conv2d_f32_params *p, const float *in, float *out);

#endif
