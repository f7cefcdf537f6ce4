/* FLOOR_DIV, float32: the quotient in double precision, rounded down. */
#ifndef TK_FLOOR_DIV_F32_H
#define TK_FLOOR_DIV_F32_H

#include "tk_broadcast.h"

typedef struct {
    TK_BROADCAST_PARAMS;
    bool swapped; /* a is the divisor */
} tk_floor_div_f32_params;

/* out may be the memory of an operand that is not repeated */
void tk_floor_div_f32(const tk_floor_div_f32_params *p, const float *a, const float *b, float *out);

#endif
