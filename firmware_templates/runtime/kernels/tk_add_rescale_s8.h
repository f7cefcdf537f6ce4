/* ADD and SUB, int8, in TFLite's own steps: for the scales that tk_add_s8's formula is not exact for. */
#ifndef TK_ADD_RESCALE_S8_H
#define TK_ADD_RESCALE_S8_H

#include "tk_broadcast.h"

typedef struct {
    TK_BROADCAST_PARAMS;
    int32_t zero_a, zero_b, zero;
    int32_t multiplier_a, multiplier_b, multiplier;
    int32_t shift_a, shift_b, shift; /* to the right */
    int32_t sign_a, sign_b;          /* 1 or -1 */
    int32_t low, high;
} tk_add_rescale_s8_params;

/* out may be the memory of an operand that is not repeated */
void tk_add_rescale_s8(const tk_add_rescale_s8_params *p, const int8_t *a, const int8_t *b, int8_t *out);

#endif
