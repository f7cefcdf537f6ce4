/* RSQRT, float32: 1 / sqrt(x). */
#ifndef TK_RSQRT_F32_H
#define TK_RSQRT_F32_H

#include <stdint.h>

typedef struct {
    int32_t count;
} tk_rsqrt_f32_params;

/* in [count], out [count]; may be the same memory */
void tk_rsqrt_f32(const tk_rsqrt_f32_params *p, const float *in, float *out);

#endif
