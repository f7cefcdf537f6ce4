/* SIN, float32, of radians. */
#ifndef TK_SIN_F32_H
#define TK_SIN_F32_H

#include <stdint.h>

typedef struct {
    int32_t count;
} tk_sin_f32_params;

/* in [count], out [count]; may be the same memory */
void tk_sin_f32(const tk_sin_f32_params *p, const float *in, float *out);

#endif
