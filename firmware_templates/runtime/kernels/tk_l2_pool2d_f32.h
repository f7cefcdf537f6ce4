/* L2_POOL_2D, float32: portable C. */
#ifndef TK_L2_POOL2D_F32_H
#define TK_L2_POOL2D_F32_H

#include "tk_pool2d.h"

typedef struct {
    tk_pool2d_window window;
    float clamp_min, clamp_max;
} tk_l2_pool2d_f32_params;

/* in [batches][in_h][in_w][channels], out [batches][out_h][out_w][channels] */
void tk_l2_pool2d_f32(const tk_l2_pool2d_f32_params *p, const float *in, float *out);

#endif
