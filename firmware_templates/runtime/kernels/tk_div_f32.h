/* DIV, float32. */
#ifndef TK_DIV_F32_H
#define TK_DIV_F32_H

#include "tk_broadcast.h"

typedef struct {
    TK_BROADCAST_PARAMS;
    bool swapped; /* a is the divisor */
    float low, high;
} tk_div_f32_params;

/* out may be the memory of an operand that is not repeated */
void tk_div_f32(const tk_div_f32_params *p, const float *a, const float *b, float *out);

#endif
