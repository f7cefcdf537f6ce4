/* CAST, float32 to int8: towards zero, saturated; NaN becomes 0. */
#ifndef TK_CAST_F32_S8_H
#define TK_CAST_F32_S8_H

#include <stdint.h>

typedef struct {
    int32_t count;
} tk_cast_f32_s8_params;

/* in [count], out [count]; may begin at the same memory */
void tk_cast_f32_s8(const tk_cast_f32_s8_params *p, const float *in, int8_t *out);

#endif
