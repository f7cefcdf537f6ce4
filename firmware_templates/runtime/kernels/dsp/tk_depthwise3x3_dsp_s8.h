/* DEPTHWISE_CONV_2D, int8, for Arm cores with the DSP extension: window 3x3, stride 1 or 2. See
 * tk_depthwise3x3_dsp_s8.c. */
#ifndef TK_DEPTHWISE3X3_DSP_S8_H
#define TK_DEPTHWISE3X3_DSP_S8_H

#include "tk_common.h"

typedef struct {
    uint16_t batches;
    uint16_t in_h, in_w;
    uint16_t out_h, out_w;
    uint16_t channels;
    uint16_t block;  /* channels that are done together; decides how much scratch memory is needed */
    uint16_t stride; /* 1 or 2, of both axes */
    uint16_t pad_top, pad_left;
    int16_t input_zero_point; /* what the border is filled with */
    int16_t zero_point;       /* of the output */
    uint8_t is_signed;        /* 0 for a RELU's output of zero point -128 */
    const uint32_t *stream;   /* of each channel: a word of weights per column, as bytes (0, 1, 1, 2) of the rows; then
                               * constants as in tk_dsp_output.h */
} tk_depthwise3x3_dsp_s8_params;

/* in [batches][in_h][in_w][channels], out [batches][out_h][out_w][channels]; may be the same memory where the sizes
 * are the same and pad_top is 2 at most. Scratch, with columns = (out_w - 1) * stride + 3: block * (8 * columns + 1)
 * bytes. */
void tk_depthwise3x3_dsp_s8(const tk_depthwise3x3_dsp_s8_params *p, const int8_t *in, int8_t *out, void *scratch);

#endif
