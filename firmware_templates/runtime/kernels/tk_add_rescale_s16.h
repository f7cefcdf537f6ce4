/* ADD and SUB, int16, rounding as often as TFLite does: both operands in steps of 2^-15 of twice the larger scale, then
 * their sum. */
#ifndef TK_ADD_RESCALE_S16_H
#define TK_ADD_RESCALE_S16_H

#include "tk_broadcast.h"

typedef struct {
    TK_BROADCAST_PARAMS;
    int32_t zero_a, zero_b, zero;
    int32_t multiplier_a, multiplier_b, multiplier;
    int32_t shift_a, shift_b, shift; /* to the right */
    int32_t sign_a, sign_b;
    int32_t low, high;
} tk_add_rescale_s16_params;

/* out may be the memory of an operand that is not repeated */
void tk_add_rescale_s16(const tk_add_rescale_s16_params *p, const int16_t *a, const int16_t *b, int16_t *out);

#endif
