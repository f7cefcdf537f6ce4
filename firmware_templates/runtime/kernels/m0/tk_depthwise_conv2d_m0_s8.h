/* DEPTHWISE_CONV_2D with one filter per channel, int8, for cores without long multiplication. See
 * tk_depthwise_conv2d_m0_s8.c. */
#ifndef TK_DEPTHWISE_CONV2D_M0_S8_H
#define TK_DEPTHWISE_CONV2D_M0_S8_H

#include <stdint.h>

typedef struct {
    uint16_t batches;
    uint16_t in_h, in_w;
    uint16_t out_h, out_w;
    uint16_t channels;
    uint16_t k_h, k_w; /* k_w at most 65535; columns of windows are next to each other */
    uint16_t stride_h, stride_w; /* stride_w 1 or 2 */
    uint16_t dilation_h, dilation_w;
    uint16_t pad_top, pad_left;
    uint16_t rows;  /* of output that are computed at once */
    uint16_t words; /* of a row of one channel in scratch memory */
    uint8_t split;
    int8_t input_zero_point; /* what the border is filled with */
    int16_t clamp_min, clamp_max;
    const uint32_t *weights; /* [channels][k_h][k_w / 4]: 128 more than each weight, in the order 1, 3, 0, 2 from the low byte */
    const uint32_t *steps;   /* see tk_m0_macros.h */
} tk_depthwise_conv2d_m0_s8_params;

/* in [batches][in_h][in_w][channels], out [batches][out_h][out_w][channels]; scratch: 4 * words * (rows of input for
 * `rows` of output), then 8 * k_h * (k_w / 4 rounded up) bytes. */
void tk_depthwise_conv2d_m0_s8(const tk_depthwise_conv2d_m0_s8_params *p, const int8_t *in, int8_t *out,
                               void *scratch);

#endif
