/* DEPTHWISE_CONV_2D of depth multiplier 1, int8, for RISC-V cores with multiplication.
 * See tk_depthwise_conv2d_rv32_s8.c. */
#ifndef TK_DEPTHWISE_CONV2D_RV32_S8_H
#define TK_DEPTHWISE_CONV2D_RV32_S8_H

#include "tk_rv32_plane.h"

#include <stdint.h>

/* "Rows" and "columns" are the image's, or the other way round, whichever is faster. */
typedef struct {
    uint16_t batches, channels;
    uint16_t in_h;
    uint16_t pad_top, pad_left;
    uint16_t plane_h, plane_w;  /* elements of a plane, border included */
    uint16_t columns;           /* of the image that are in a plane */
    uint16_t half_h;            /* rows of each half of the output; the middle one is in both if they are odd */
    uint16_t stride_h;
    uint16_t window_h, window_w; /* as in tk_rv32_filter */
    uint16_t weight_bytes;      /* of a channel */
    int32_t lower;              /* rows of input from the upper to the lower half */
    int32_t in_x, in_y;         /* bytes from column to column, from row to row */
    int32_t out_x, out_y, out_lower, last; /* as in tk_rv32_filter */
    int32_t in_bytes, out_bytes; /* of a batch */
    int16_t input_zero_point;   /* what the border is filled with */
    int8_t clamp_min, clamp_max;
    uint8_t rounded;            /* see tk_rv32_output.h */
    uint8_t way;                /* as in tk_rv32_filter; where it is TK_RV32_3X3, each channel's follows its weights */
    const int8_t *weights;
    const int32_t *constants;   /* see tk_rv32_output.h */
} tk_depthwise_conv2d_rv32_s8_params;

/* in [batches][in_h][in_w][channels], out [batches][out_h][out_w][channels]; scratch: 4 * plane_h * plane_w bytes, aligned
 * to 4. No channel is written before all of it was read. */
void tk_depthwise_conv2d_rv32_s8(
    const tk_depthwise_conv2d_rv32_s8_params *p, const int8_t *in, int8_t *out, void *scratch);

#endif
