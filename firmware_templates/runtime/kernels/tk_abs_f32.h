/* ABS, float32; NaN stays NaN. */
#ifndef TK_ABS_F32_H
#define TK_ABS_F32_H

#include <stdint.h>

typedef struct {
    int32_t count;
} tk_abs_f32_params;

/* in [count], out [count]; may be the same memory */
void tk_abs_f32(const tk_abs_f32_params *p, const float *in, float *out);

#endif
