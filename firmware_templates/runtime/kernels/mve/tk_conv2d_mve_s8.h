/* CONV_2D, int8 with per-channel scales, for cores with Helium. See tk_conv2d_mve_s8.c. */
#ifndef TK_CONV2D_MVE_S8_H
#define TK_CONV2D_MVE_S8_H

#include <stdint.h>

/* Where windows are read. */
enum {
    TK_MVE_IN_PLACE = 0, /* in the input: none touches the border, no row of one has an odd end */
    TK_MVE_ROWS = 1,     /* in copies of the input's rows, with the border */
    TK_MVE_PATCHES = 2   /* in copies of each window */
};

typedef struct {
    uint16_t batches;
    uint16_t in_h, in_w, in_c;
    uint16_t out_h, out_w, out_c;
    uint16_t k_h, k_w;
    uint16_t stride_h, stride_w;
    uint16_t dilation_h, dilation_w;
    uint16_t pad_top, pad_left;
    uint16_t source;         /* TK_MVE_IN_PLACE, ... */
    uint16_t at_once;        /* pixels of a row, or windows that are copied: at most 65535 bytes of output */
    uint16_t passes, chunks; /* a pass is a row of the window, or a part of a window whose bytes are contiguous */
    uint16_t tail;
    uint16_t finish;          /* TK_MVE_SATURATED, ... */
    int16_t input_zero_point; /* what the border is filled with */
    int16_t zero_point, clamp_min, clamp_max;
    const int8_t *weights;     /* for each 4 channels as tk_mve_block has them; the last channel repeated to 4 */
    const int32_t *bias;       /* with the input's zero point folded in: b - zero_point * sum(w) */
    const int32_t *multiplier; /* for tk_requantize, as the biases for each channel */
    const int8_t *shift;
} tk_conv2d_mve_s8_params;

/* in [batches][in_h][in_w][in_c], out [batches][out_h][out_w][out_c]; scratch: null in place; for rows k_h rows of
 * ((out_w - 1) * stride_w + (k_w - 1) * dilation_w + 1) * in_c bytes; for patches these, and `at_once` times passes *
 * chunks * 16; and 16 more. */
void tk_conv2d_mve_s8(const tk_conv2d_mve_s8_params *p, const int8_t *in, int8_t *out, void *scratch);

#endif
