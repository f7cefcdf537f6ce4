/* CAST, float32 to int16: towards zero, saturated; NaN becomes 0. */
#ifndef TK_CAST_F32_S16_H
#define TK_CAST_F32_S16_H

#include <stdint.h>

typedef struct {
    int32_t count;
} tk_cast_f32_s16_params;

/* in [count], out [count]; no common memory */
void tk_cast_f32_s16(const tk_cast_f32_s16_params *p, const float *in, int16_t *out);

#endif
