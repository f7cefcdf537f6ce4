/* RELU, float32: max(x, 0); NaN stays NaN, infinity stays infinite. */
#ifndef TK_RELU_F32_H
#define TK_RELU_F32_H

#include <stdint.h>

typedef struct {
    int32_t count;
} tk_relu_f32_params;

/* in [count], out [count]; may be the same memory */
void tk_relu_f32(const tk_relu_f32_params *p, const float *in, float *out);

#endif
