/* CONV_2D, DEPTHWISE_CONV_2D and FULLY_CONNECTED, float32, of weights that are computed; and CONV_2D in groups. */
#ifndef TK_SUMS_F32_H
#define TK_SUMS_F32_H

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
    float clamp_min, clamp_max;
    const float *bias; /* out_c, or null */
} tk_sums_f32_params;

/* in [batches][in_h][in_w][in_c], weights as the steps say, out [batches][out_h][out_w][out_c] */
void tk_sums_f32(const tk_sums_f32_params *p, const float *in, const float *weights, float *out);

#endif
