/* RESIZE_BILINEAR, float32: portable C. Where outputs lie in the input is in tables made on the host. */
#ifndef TK_RESIZE_BILINEAR_F32_H
#define TK_RESIZE_BILINEAR_F32_H

#include "tk_resize.h"

typedef struct {
    tk_resize size;
    const float *down;  /* [out_h], from the row above to the one below */
    const float *right; /* [out_w] */
} tk_resize_bilinear_f32_params;

/* in [batches][in_h][in_w][channels], out [batches][out_h][out_w][channels] */
void tk_resize_bilinear_f32(const tk_resize_bilinear_f32_params *p, const float *in, float *out);

#endif
