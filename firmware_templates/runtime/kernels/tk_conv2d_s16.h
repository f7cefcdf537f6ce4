/* CONV_2D, also in groups, and FULLY_CONNECTED, int16 with int8 weights: portable C. See tk_conv2d_s16.c. */
#ifndef TK_CONV2D_S16_H
#define TK_CONV2D_S16_H

#include "tk_output_s16.h"

#include <stdint.h>

typedef struct {
    uint16_t batches;
    uint16_t in_h, in_w, in_c;
    uint16_t out_h, out_w, out_c;
    uint16_t k_h, k_w;
    uint16_t stride_h, stride_w;
    uint16_t dilation_h, dilation_w;
    uint16_t pad_top, pad_left;
    uint16_t filter_c;  /* input channels of one filter: in_c, or fewer in groups */
    uint16_t group_out; /* filters of a group: out_c where there is only one */
    int16_t weights_zero_point;
    tk_output_s16 output;
} tk_conv2d_s16_params;

/* in [batches][in_h][in_w][in_c], weights [out_c][k_h][k_w][filter_c], out [batches][out_h][out_w][out_c] */
void tk_conv2d_s16(const tk_conv2d_s16_params *p, const int16_t *in, const int8_t *weights, int16_t *out);

#endif
