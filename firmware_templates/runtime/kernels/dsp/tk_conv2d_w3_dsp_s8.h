/* CONV_2D of windows three columns wide that move by one column, int8, for Arm cores with the DSP extension. See
 * tk_conv2d_w3_dsp_s8.c. */
#ifndef TK_CONV2D_W3_DSP_S8_H
#define TK_CONV2D_W3_DSP_S8_H

#include "tk_dsp_tile.h"

typedef struct {
    uint16_t batches;
    uint16_t in_h, in_w, in_c; /* the latter a multiple of 4 */
    uint16_t out_h, out_w;
    uint16_t k_h, stride_h, dilation_h;
    uint16_t pad_top, pad_left;
    int16_t input_zero_point; /* what the border is filled with */
    tk_dsp_channels channels; /* weights in the order [k_h][in_c / 2 pairs][column 1, 0, 2] */
} tk_conv2d_w3_dsp_s8_params;

/* in [batches][in_h][in_w][in_c], out [batches][out_h][out_w][channels]; scratch: (12 * k_h + 6) * in_c bytes. */
void tk_conv2d_w3_dsp_s8_run(const tk_conv2d_w3_dsp_s8_params *p, const int8_t *in, int8_t *out, void *scratch,
                             tk_dsp_place finish);

TK_INLINE void tk_conv2d_w3_dsp_s8(const tk_conv2d_w3_dsp_s8_params *p, const int8_t *in, int8_t *out, void *scratch)
{
    tk_conv2d_w3_dsp_s8_run(p, in, out, scratch, tk_dsp_finish(&p->channels));
}

#endif
