/* CEIL, float32. */
#ifndef TK_CEIL_F32_H
#define TK_CEIL_F32_H

#include <stdint.h>

typedef struct {
    int32_t count;
} tk_ceil_f32_params;

/* in [count], out [count]; may be the same memory */
void tk_ceil_f32(const tk_ceil_f32_params *p, const float *in, float *out);

#endif
