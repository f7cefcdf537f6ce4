/* SQUARED_DIFFERENCE, int8. */
#ifndef TK_SQUARED_DIFFERENCE_S8_H
#define TK_SQUARED_DIFFERENCE_S8_H

#include "tk_broadcast.h"

typedef struct {
    TK_BROADCAST_PARAMS;
    int32_t zero_a, zero_b, zero;
    int32_t multiplier_a, multiplier_b;
    int32_t shift_a, shift_b; /* to the right */
    int32_t multiplier, shift; /* to the left */
} tk_squared_difference_s8_params;

/* out may be the memory of an operand that is not repeated */
void tk_squared_difference_s8(const tk_squared_difference_s8_params *p, const int8_t *a, const int8_t *b, int8_t *out);

#endif
