/* SVDF, float32, with a fused SIGN_BIT: 1 for negative numbers, else 0. */
#ifndef TK_SVDF_SIGNBIT_F32_H
#define TK_SVDF_SIGNBIT_F32_H

#include "tk_svdf_f32.h"

typedef struct {
    tk_svdf_f32_params sums;
} tk_svdf_signbit_f32_params;

void tk_svdf_signbit_f32(const tk_svdf_signbit_f32_params *p, const float *in, const float *feature, const float *time,
                      const float *bias, float *state, float *out);

#endif
