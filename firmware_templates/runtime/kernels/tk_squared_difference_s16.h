/* SQUARED_DIFFERENCE, int16. */
#ifndef TK_SQUARED_DIFFERENCE_S16_H
#define TK_SQUARED_DIFFERENCE_S16_H

#include "tk_broadcast.h"

typedef struct {
    TK_BROADCAST_PARAMS;
    int32_t zero_a, zero_b, zero;
    int32_t multiplier_a, multiplier_b;
    int32_t shift_a, shift_b; /* to the right */
    int32_t multiplier, shift; /* to the left */
} tk_squared_difference_s16_params;

/* out may be the memory of an operand that is not repeated */
void tk_squared_difference_s16(const tk_squared_difference_s16_params *p, const int16_t *a, const int16_t *b, int16_t *out);

#endif
