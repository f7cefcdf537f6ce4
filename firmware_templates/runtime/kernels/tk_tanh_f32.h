/* TANH, float32. */
#ifndef TK_TANH_F32_H
#define TK_TANH_F32_H

#include <stdint.h>

typedef struct {
    int32_t count;
} tk_tanh_f32_params;

/* in [count], out [count]; may be the same memory */
void tk_tanh_f32(const tk_tanh_f32_params *p, const float *in, float *out);

#endif
