/* MAXIMUM and MINIMUM, float32. */
#ifndef TK_MAXIMUM_F32_H
#define TK_MAXIMUM_F32_H

#include "tk_broadcast.h"

typedef struct {
    TK_BROADCAST_PARAMS;
    float sign; /* 1 for the greater of two, -1 for the smaller */
    bool swapped; /* a is the second operand */
} tk_maximum_f32_params;

/* out may be the memory of an operand that is not repeated */
void tk_maximum_f32(const tk_maximum_f32_params *p, const float *a, const float *b, float *out);

#endif
