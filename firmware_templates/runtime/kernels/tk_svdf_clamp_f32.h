/* SVDF, float32, with a fused clamp. */
#ifndef TK_SVDF_CLAMP_F32_H
#define TK_SVDF_CLAMP_F32_H

#include "tk_svdf_f32.h"

typedef struct {
    tk_svdf_f32_params sums;
    float low, high;
} tk_svdf_clamp_f32_params;

void tk_svdf_clamp_f32(const tk_svdf_clamp_f32_params *p, const float *in, const float *feature, const float *time,
                      const float *bias, float *state, float *out);

#endif
