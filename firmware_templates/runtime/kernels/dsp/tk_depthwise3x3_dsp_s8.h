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

/* Loops in the assembly, by kind of output, stride, and which pair of rows is the upper one. */
typedef void (*tk_dsp_depthwise3x3_loop)(void);
void tk_dsp_depthwise3x3_relu_1_0(void);
void tk_dsp_depthwise3x3_relu_1_1(void);
void tk_dsp_depthwise3x3_relu_2_0(void);
void tk_dsp_depthwise3x3_relu_2_1(void);
void tk_dsp_depthwise3x3_signed_1_0(void);
void tk_dsp_depthwise3x3_signed_1_1(void);
void tk_dsp_depthwise3x3_signed_2_0(void);
void tk_dsp_depthwise3x3_signed_2_1(void);

void tk_depthwise3x3_dsp_s8_run(const tk_depthwise3x3_dsp_s8_params *p, const int8_t *in, int8_t *out, void *scratch,
                                tk_dsp_depthwise3x3_loop loop_0, tk_dsp_depthwise3x3_loop loop_1);

/* in [batches][in_h][in_w][channels], out [batches][out_h][out_w][channels]; may be the same memory where the sizes
 * are the same and pad_top is 2 at most. Scratch, with columns = (out_w - 1) * stride + 3: block * (8 * columns + 1)
 * bytes. */
TK_INLINE void tk_depthwise3x3_dsp_s8(const tk_depthwise3x3_dsp_s8_params *p, const int8_t *in, int8_t *out,
                                      void *scratch)
{
    /* Parameters are constants where a kernel is called, so that a firmware has only those loops in it that it needs. */
    if (p->stride == 1 && !p->is_signed) {
        tk_depthwise3x3_dsp_s8_run(p, in, out, scratch, tk_dsp_depthwise3x3_relu_1_0, tk_dsp_depthwise3x3_relu_1_1);
    } else if (p->stride == 1) {
        tk_depthwise3x3_dsp_s8_run(p, in, out, scratch, tk_dsp_depthwise3x3_signed_1_0,
                                   tk_dsp_depthwise3x3_signed_1_1);
    } else if (!p->is_signed) {
        tk_depthwise3x3_dsp_s8_run(p, in, out, scratch, tk_dsp_depthwise3x3_relu_2_0, tk_dsp_depthwise3x3_relu_2_1);
    } else {
        tk_depthwise3x3_dsp_s8_run(p, in, out, scratch, tk_dsp_depthwise3x3_signed_2_0,
                                   tk_dsp_depthwise3x3_signed_2_1);
    }
}

#endif
