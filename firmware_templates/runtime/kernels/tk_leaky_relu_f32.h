/* LEAKY_RELU, float32: x for x > 0, else alpha * x. */
#ifndef TK_LEAKY_RELU_F32_H
#define TK_LEAKY_RELU_F32_H

#include <stdint.h>

typedef struct {
    int32_t count;
    float alpha;
} tk_leaky_relu_f32_params;

/* in [count], out [count]; may be the same memory */
void tk_leaky_relu_f32(const tk_leaky_relu_f32_params *p, const float *in, float *out);

#endif
