/* CAST, float32 to uint32: towards zero, saturated; NaN becomes 0. */
#ifndef TK_CAST_F32_U32_H
#define TK_CAST_F32_U32_H

#include <stdint.h>

typedef struct {
    int32_t count;
} tk_cast_f32_u32_params;

/* in [count], out [count]; no common memory */
void tk_cast_f32_u32(const tk_cast_f32_u32_params *p, const float *in, uint32_t *out);

#endif
