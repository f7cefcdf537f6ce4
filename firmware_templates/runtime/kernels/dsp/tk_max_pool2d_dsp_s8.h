/* MAX_POOL_2D, int8, for Arm cores with the DSP extension. See tk_max_pool2d_dsp_s8.c. */
#ifndef TK_MAX_POOL2D_DSP_S8_H
#define TK_MAX_POOL2D_DSP_S8_H

#include "tk_pool2d.h"

typedef struct {
    tk_pool2d_window window;
    int16_t clamp_min, clamp_max;
} tk_max_pool2d_dsp_s8_params;

/* in [batches][in_h][in_w][channels], out [batches][out_h][out_w][channels]. */
void tk_max_pool2d_dsp_s8(const tk_max_pool2d_dsp_s8_params *p, const int8_t *in, int8_t *out);

#endif
