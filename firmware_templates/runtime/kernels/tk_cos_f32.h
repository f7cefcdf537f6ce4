/* COS, float32, of radians. */
#ifndef TK_COS_F32_H
#define TK_COS_F32_H

#include <stdint.h>

typedef struct {
    int32_t count;
} tk_cos_f32_params;

/* in [count], out [count]; may be the same memory */
void tk_cos_f32(const tk_cos_f32_params *p, const float *in, float *out);

#endif
