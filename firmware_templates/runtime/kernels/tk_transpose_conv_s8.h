/* TRANSPOSE_CONV, int8: portable C. See tk_transpose_conv_s8.c. */
#ifndef TK_TRANSPOSE_CONV_S8_H
#define TK_TRANSPOSE_CONV_S8_H

#include "tk_output_s8.h"

#include <stdint.h>

typedef struct {
    uint16_t batches;
    uint16_t in_h, in_w, in_c;
    uint16_t out_h, out_w, out_c;
    uint16_t k_h, k_w;
    uint16_t stride_h, stride_w;
    uint16_t pad_top, pad_left; /* of the convolution that this one is the transpose of */
    int16_t input_zero_point;
    tk_output_s8 output; /* biases as they are */
} tk_transpose_conv_s8_params;

/* in [batches][in_h][in_w][in_c], weights [out_c][k_h][k_w][in_c], out [batches][out_h][out_w][out_c] */
void tk_transpose_conv_s8(const tk_transpose_conv_s8_params *p, const int8_t *in, const int8_t *weights, int8_t *out);

#endif
