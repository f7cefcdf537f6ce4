/* PRELU, float32: x, or alpha * x where x is negative. */
#ifndef TK_PRELU_F32_H
#define TK_PRELU_F32_H

#include "tk_broadcast.h"

typedef struct {
    TK_BROADCAST_PARAMS;
} tk_prelu_f32_params;

/* out: the broadcast shape; may be the same memory as an x that is not repeated */
void tk_prelu_f32(const tk_prelu_f32_params *p, const float *x, const float *alpha, float *out);

#endif
