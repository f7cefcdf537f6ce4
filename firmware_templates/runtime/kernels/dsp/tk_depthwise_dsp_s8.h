/* DEPTHWISE_CONV_2D with one filter per channel, int8, for Arm cores with the DSP extension: any window. See
 * tk_depthwise_dsp_s8.c. */
#ifndef TK_DEPTHWISE_DSP_S8_H
#define TK_DEPTHWISE_DSP_S8_H

#include "tk_common.h"

typedef struct {
    uint16_t batches;
    uint16_t in_h, in_w;
    uint16_t out_h, out_w;
    uint16_t channels; /* at least 4 */
    uint16_t k_h, k_w;
    uint16_t stride_h, stride_w;
    uint16_t dilation_h, dilation_w;
    uint16_t pad_top, pad_left;
    int16_t input_zero_point; /* what the border is filled with */
    int16_t zero_point;       /* of the output */
    /* Groups of four channels; when their number is no multiple of 4, some are in the last two groups. Of each group two
     * words for each pair of taps (an odd number has a zero in the end), as bytes (channel 0 tap 0, 1 0, 0 1, 1 1) and
     * the same of channels 2 and 3; then constants of each channel as in tk_dsp_output.h. */
    const uint32_t *stream;
} tk_depthwise_dsp_s8_params;

/* in [batches][in_h][in_w][channels], out [batches][out_h][out_w][channels]; scratch: a pointer for each of the
 * k_h * k_w taps (an even number), then `channels` bytes. */
void tk_depthwise_dsp_s8(const tk_depthwise_dsp_s8_params *p, const int8_t *in, int8_t *out, void *scratch);

#endif
