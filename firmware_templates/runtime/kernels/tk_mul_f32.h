/* MUL, float32. */
#ifndef TK_MUL_F32_H
#define TK_MUL_F32_H

#include "tk_broadcast.h"

typedef struct {
    TK_BROADCAST_PARAMS;
    float low, high;
} tk_mul_f32_params;

/* out may be the memory of an operand that is not repeated */
void tk_mul_f32(const tk_mul_f32_params *p, const float *a, const float *b, float *out);

#endif
