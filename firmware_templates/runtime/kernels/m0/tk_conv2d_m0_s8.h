/* CONV_2D, int8 with per-channel scales, for cores without long multiplication. See tk_conv2d_m0_s8.c. */
#ifndef TK_CONV2D_M0_S8_H
#define TK_CONV2D_M0_S8_H

#include "tk_m0_tile.h"

#include <stdint.h>

typedef struct {
    uint16_t batches;
    uint16_t in_h, in_w, in_c;
    uint16_t out_h, out_w, out_c;
    uint16_t k_h, k_w;
    uint16_t stride_h, stride_w;
    uint16_t dilation_h, dilation_w;
    uint16_t pad_top, pad_left;
    uint16_t pixels; /* of a tile, an even number */
    uint16_t blocks; /* of 4 weights in a filter, the last filled up with zeros */
    uint8_t split;
    int8_t input_zero_point; /* what the border is filled with */
    int16_t clamp_min, clamp_max;
    const uint32_t *weights; /* see tk_m0_tile.h, as are the others without an explanation */
    const uint32_t *steps;
} tk_conv2d_m0_s8_params;

/* in [batches][in_h][in_w][in_c] at a multiple of 4, out [batches][out_h][out_w][out_c]; scratch: 8 * blocks *
 * (pixels + 1) bytes, and then in_c bytes where that is a multiple of 4, else 8 * blocks. */
void tk_conv2d_m0_s8(const tk_conv2d_m0_s8_params *p, const int8_t *in, int8_t *out, void *scratch);

#endif
