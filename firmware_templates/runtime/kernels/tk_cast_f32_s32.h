/* CAST, float32 to int32: towards zero, saturated; NaN becomes 0. */
#ifndef TK_CAST_F32_S32_H
#define TK_CAST_F32_S32_H

#include <stdint.h>

typedef struct {
    int32_t count;
} tk_cast_f32_s32_params;

/* in [count], out [count]; no common memory */
void tk_cast_f32_s32(const tk_cast_f32_s32_params *p, const float *in, int32_t *out);

#endif
