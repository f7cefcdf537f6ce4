/* ADD and SUB, float32. */
#ifndef TK_ADD_F32_H
#define TK_ADD_F32_H

#include "tk_broadcast.h"

typedef struct {
    TK_BROADCAST_PARAMS;
    float sign_a, sign_b; /* 1 or -1: exact factors */
    float low, high;
} tk_add_f32_params;

/* out may be the memory of an operand that is not repeated */
void tk_add_f32(const tk_add_f32_params *p, const float *a, const float *b, float *out);

#endif
