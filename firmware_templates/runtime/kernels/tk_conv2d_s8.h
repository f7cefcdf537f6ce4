/* CONV_2D, int8 with per-channel scales: portable C. See tk_conv2d_s8.c. */
#ifndef TK_CONV2D_S8_H
#define TK_CONV2D_S8_H

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
    uint16_t gather;           /* 1: copy every patch, 0: only those that touch the border */
    int16_t input_zero_point;  /* what the border is filled with */
    const int8_t *weights;     /* blocks of 4 channels as [k_h * k_w * in_c][4], then remaining channels one by one */
    tk_output_s8 output; /* biases with the input's zero point folded in: b - zero_point * sum(w) */
} tk_conv2d_s8_params;

/* in [batches][in_h][in_w][in_c], out [batches][out_h][out_w][out_c]; scratch: 2 * k_h * k_w * in_c bytes, or null when no patch can
 * touch the border and gather is 0. */
void tk_conv2d_s8(const tk_conv2d_s8_params *p, const int8_t *in, int8_t *out, void *scratch);

#endif
