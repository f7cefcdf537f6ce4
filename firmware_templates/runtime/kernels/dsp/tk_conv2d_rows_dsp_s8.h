/* CONV_2D of few input channels, int8, for Arm cores with the DSP extension. See tk_conv2d_rows_dsp_s8.c. */
#ifndef TK_CONV2D_ROWS_DSP_S8_H
#define TK_CONV2D_ROWS_DSP_S8_H

#include "tk_dsp_tile.h"

typedef struct {
    uint16_t batches;
    uint16_t in_h, in_w, in_c;
    uint16_t out_h, out_w;
    uint16_t k_h, k_w;
    uint16_t stride_h, stride_w;
    uint16_t dilation_h, dilation_w; /* the latter is 1 */
    uint16_t pad_top, pad_left;
    uint16_t rows;            /* of inputs that there is room for: for all windows of four pixels in succession */
    int16_t input_zero_point; /* what the border is filled with */
    /* Of each row of a window, k_w * in_c bytes, all whole words; then what is left of each row, with zeros up to a
     * multiple of 4. */
    tk_dsp_channels channels;
} tk_conv2d_rows_dsp_s8_params;

/* in [batches][in_h][in_w][in_c], out [batches][out_h][out_w][channels]. Scratch: 8 bytes for each weight of a channel,
 * then `rows` rows of ((out_w - 1) * stride_w + k_w) * in_c bytes. */
void tk_conv2d_rows_dsp_s8_run(const tk_conv2d_rows_dsp_s8_params *p, const int8_t *in, int8_t *out, void *scratch,
                               tk_dsp_place finish);

TK_INLINE void tk_conv2d_rows_dsp_s8(const tk_conv2d_rows_dsp_s8_params *p, const int8_t *in, int8_t *out, void *scratch)
{
    tk_conv2d_rows_dsp_s8_run(p, in, out, scratch, tk_dsp_finish(&p->channels));
}

#endif
