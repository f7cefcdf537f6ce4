/* DEPTHWISE_CONV_2D with one filter per channel, int8: portable C. See tk_depthwise_conv2d_s8.c. */
#ifndef TK_DEPTHWISE_CONV2D_S8_H
#define TK_DEPTHWISE_CONV2D_S8_H

#include "tk_output_s8.h"

#include <stdint.h>

typedef struct {
    uint16_t batches;
    uint16_t in_h, in_w;
    uint16_t out_h, out_w;
    uint16_t channels;
    uint16_t k_h, k_w;
    uint16_t stride_h, stride_w;
    uint16_t dilation_h, dilation_w;
    uint16_t pad_top, pad_left;
    int16_t input_zero_point; /* what the border is filled with */
    const int8_t *weights;     /* blocks of 4 channels as [k_h * k_w][4], then remaining channels one by one */
    tk_output_s8 output; /* biases with the input's zero point folded in: b - zero_point * sum(w) */
} tk_depthwise_conv2d_s8_params;

/* in [batches][in_h][in_w][channels], out [batches][out_h][out_w][channels]; scratch: k_h * k_w * channels bytes, or null when no
 * patch can touch the border. */
void tk_depthwise_conv2d_s8(const tk_depthwise_conv2d_s8_params *p, const int8_t *in, int8_t *out, void *scratch);

#endif
