/* DEPTHWISE_CONV_2D along one axis, int8, for Arm cores with the DSP extension. See tk_depthwise_line_dsp_s8.c. */
#ifndef TK_DEPTHWISE_LINE_DSP_S8_H
#define TK_DEPTHWISE_LINE_DSP_S8_H

#include "tk_common.h"

typedef struct {
    uint32_t lines;
    uint16_t in_n, out_n; /* positions of a line */
    uint16_t channels;    /* at least 4 */
    uint16_t taps;
    uint16_t stride;
    uint16_t pad;
    int16_t input_zero_point; /* what the border is filled with */
    int16_t zero_point;       /* of the output */
    uint8_t is_signed;        /* 0 for a RELU's output of zero point -128 */
    /* Groups of four channels; when their number is no multiple of 4, some are in the last two groups. Of each channel
     * a word for each four taps, as bytes (0, 2, 1, 3), zeros where there is none; then constants as in
     * tk_dsp_output.h. */
    const uint32_t *stream;
} tk_depthwise_line_dsp_s8_params;

/* Loops in the assembly, by kind of output. */
typedef void (*tk_dsp_line_loop)(void);
void tk_dsp_line_relu(void);
void tk_dsp_line_signed(void);
/* Ends of their inner loops. */
void tk_dsp_line_relu_end(void);
void tk_dsp_line_signed_end(void);

void tk_depthwise_line_dsp_s8_run(const tk_depthwise_line_dsp_s8_params *p, const int8_t *in, int8_t *out,
                                  void *scratch, tk_dsp_line_loop loop, tk_dsp_line_loop loop_end);

/* in [lines][in_n][channels], out [lines][out_n][channels]; may begin at the same address where out_n is not larger and
 * channels are a multiple of 4. Scratch: 16 bytes for each four taps; then for each of four channels, with
 * pairs = (taps + 1) / 2, (((out_n - 1) | 1) * stride + 2 * pairs) * 2 bytes, rounded up to a multiple of 4. */
TK_INLINE void tk_depthwise_line_dsp_s8(const tk_depthwise_line_dsp_s8_params *p, const int8_t *in, int8_t *out,
                                        void *scratch)
{
    /* Parameters are constants where a kernel is called, so that a firmware has only the loop in it that it needs. */
    if (p->is_signed) {
        tk_depthwise_line_dsp_s8_run(p, in, out, scratch, tk_dsp_line_signed, tk_dsp_line_signed_end);
    } else {
        tk_depthwise_line_dsp_s8_run(p, in, out, scratch, tk_dsp_line_relu, tk_dsp_line_relu_end);
    }
}

#endif
