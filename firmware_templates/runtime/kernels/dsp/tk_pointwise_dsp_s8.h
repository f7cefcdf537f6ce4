/* CONV_2D of window 1x1 and stride 1, int8, for Arm cores with the DSP extension. See tk_pointwise_dsp_s8.c. */
#ifndef TK_POINTWISE_DSP_S8_H
#define TK_POINTWISE_DSP_S8_H

#include "tk_dsp_tile.h"

typedef struct {
    uint32_t pixels;
    uint16_t in_c; /* a multiple of 4 */
    tk_dsp_channels channels;
} tk_pointwise_dsp_s8_params;

/* in [pixels][in_c], out [pixels][channels]; scratch: 8 * in_c bytes. */
void tk_pointwise_dsp_s8_run(const tk_pointwise_dsp_s8_params *p, const int8_t *in, int8_t *out, void *scratch,
                             tk_dsp_place finish);

TK_INLINE void tk_pointwise_dsp_s8(const tk_pointwise_dsp_s8_params *p, const int8_t *in, int8_t *out, void *scratch)
{
    tk_pointwise_dsp_s8_run(p, in, out, scratch, tk_dsp_finish(&p->channels));
}

#endif
