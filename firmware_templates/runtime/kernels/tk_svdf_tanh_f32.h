/* SVDF, float32, with a fused TANH. */
#ifndef TK_SVDF_TANH_F32_H
#define TK_SVDF_TANH_F32_H

#include "tk_svdf_f32.h"

typedef struct {
    tk_svdf_f32_params sums;
} tk_svdf_tanh_f32_params;

void tk_svdf_tanh_f32(const tk_svdf_tanh_f32_params *p, const float *in, const float *feature, const float *time,
                      const float *bias, float *state, float *out);

#endif
