/* AVERAGE_POOL_2D, int16: portable C. */
#ifndef TK_AVERAGE_POOL2D_S16_H
#define TK_AVERAGE_POOL2D_S16_H

#include "tk_pool2d.h"

typedef struct {
    tk_pool2d_window window;
    int16_t clamp_min, clamp_max;
} tk_average_pool2d_s16_params;

/* in [batches][in_h][in_w][channels], out [batches][out_h][out_w][channels] */
void tk_average_pool2d_s16(const tk_average_pool2d_s16_params *p, const int16_t *in, int16_t *out);

#endif
