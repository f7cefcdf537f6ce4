/* SQUARED_DIFFERENCE, float32. */
#ifndef TK_SQUARED_DIFFERENCE_F32_H
#define TK_SQUARED_DIFFERENCE_F32_H

#include "tk_broadcast.h"

typedef struct {
    TK_BROADCAST_PARAMS;
} tk_squared_difference_f32_params;

/* out may be the memory of an operand that is not repeated */
void tk_squared_difference_f32(const tk_squared_difference_f32_params *p, const float *a, const float *b, float *out);

#endif
