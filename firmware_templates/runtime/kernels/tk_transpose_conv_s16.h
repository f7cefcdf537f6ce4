/* TRANSPOSE_CONV, int16 with int8 weights: portable C. See tk_transpose_conv_s16.c. */
#ifndef TK_TRANSPOSE_CONV_S16_H
#define TK_TRANSPOSE_CONV_S16_H

#include "tk_output_s16.h"

#include <stdint.h>

typedef struct {
    uint16_t batches;
    uint16_t in_h, in_w, in_c;
    uint16_t out_h, out_w, out_c;
    uint16_t k_h, k_w;
    uint16_t stride_h, stride_w;
    uint16_t pad_top, pad_left; /* of the convolution that this one is the transpose of */
    tk_output_s16 output;
} tk_transpose_conv_s16_params;

/* in [batches][in_h][in_w][in_c], weights [out_c][k_h][k_w][in_c], out [batches][out_h][out_w][out_c] */
void tk_transpose_conv_s16(const tk_transpose_conv_s16_params *p, const int16_t *in, const int8_t *weights, int16_t *out);

#endif
