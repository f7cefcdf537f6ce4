/* EQUAL, NOT_EQUAL, GREATER, GREATER_EQUAL, LESS, LESS_EQUAL, int8 of different quantizations. */
#ifndef TK_COMPARE_RESCALE_S8_H
#define TK_COMPARE_RESCALE_S8_H

#include "tk_broadcast.h"

typedef struct {
    TK_BROADCAST_PARAMS;
    uint8_t relation; /* bits: result for a < b, a == b, a > b */
    int32_t zero_a, zero_b;
    int32_t multiplier_a, multiplier_b;
    int32_t shift_a, shift_b; /* to the right */
} tk_compare_rescale_s8_params;

/* out may be the memory of an operand that is not repeated */
void tk_compare_rescale_s8(const tk_compare_rescale_s8_params *p, const int8_t *a, const int8_t *b, bool *out);

#endif
