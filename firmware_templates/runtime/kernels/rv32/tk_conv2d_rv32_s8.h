/* CONV_2D, int8, for RISC-V cores with multiplication. See tk_conv2d_rv32_s8.c. */
#ifndef TK_CONV2D_RV32_S8_H
#define TK_CONV2D_RV32_S8_H

#include "tk_rv32_tile.h"

#include <stdint.h>

typedef struct {
    uint16_t batches;
    uint16_t in_h, in_w, in_c;
    uint16_t out_h, out_w, out_c;
    uint16_t k_h, k_w;
    uint16_t stride_h, stride_w;
    uint16_t dilation_h, dilation_w;
    uint16_t pad_top, pad_left;
    uint16_t depth;           /* k_h * k_w * in_c, rounded up to a multiple of 4 */
    int16_t input_zero_point; /* what the border is filled with */
    int8_t clamp_min, clamp_max;
    uint8_t rounded;
    const int8_t *weights;   /* see tk_rv32_tile */
    const int32_t *channels; /* see tk_rv32_tile; the input's zero point is folded in */
} tk_conv2d_rv32_s8_params;

/* in [batches][in_h][in_w][in_c], out [batches][out_h][out_w][out_c]; scratch: 8 * depth + in_c bytes, aligned to 4. */
void tk_conv2d_rv32_s8(const tk_conv2d_rv32_s8_params *p, const int8_t *in, int8_t *out, void *scratch);

#endif
