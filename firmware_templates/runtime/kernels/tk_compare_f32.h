/* EQUAL, NOT_EQUAL, GREATER, GREATER_EQUAL, LESS, LESS_EQUAL, float32. */
#ifndef TK_COMPARE_F32_H
#define TK_COMPARE_F32_H

#include "tk_broadcast.h"

typedef struct {
    TK_BROADCAST_PARAMS;
    uint8_t relation; /* bits: result for a < b, a == b, a > b, not comparable */
} tk_compare_f32_params;

/* out may be the memory of an operand that is not repeated */
void tk_compare_f32(const tk_compare_f32_params *p, const float *a, const float *b, bool *out);

#endif
