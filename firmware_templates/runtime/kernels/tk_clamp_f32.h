/* RELU6, float32: x clamped to [low, high]; NaN stays NaN. */
#ifndef TK_CLAMP_F32_H
#define TK_CLAMP_F32_H

#include <stdint.h>

typedef struct {
    int32_t count;
    float low, high;
} tk_clamp_f32_params;

/* in [count], out [count]; may be the same memory */
void tk_clamp_f32(const tk_clamp_f32_params *p, const float *in, float *out);

#endif
