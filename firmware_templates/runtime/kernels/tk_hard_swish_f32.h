/* HARD_SWISH, float32: x * clamp(x + 3, 0, 6) / 6. */
#ifndef TK_HARD_SWISH_F32_H
#define TK_HARD_SWISH_F32_H

#include <stdint.h>

typedef struct {
    int32_t count;
} tk_hard_swish_f32_params;

/* in [count], out [count]; may be the same memory */
void tk_hard_swish_f32(const tk_hard_swish_f32_params *p, const float *in, float *out);

#endif
