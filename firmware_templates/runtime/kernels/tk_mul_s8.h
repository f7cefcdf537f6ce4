/* MUL, int8. */
#ifndef TK_MUL_S8_H
#define TK_MUL_S8_H

#include "tk_broadcast.h"

typedef struct {
    TK_BROADCAST_PARAMS;
    int32_t zero_a, zero_b, zero;
    int32_t multiplier;
    int32_t left_shift;  /* 0..14 */
    int32_t right_shift; /* 0..31; one of the two shifts is 0 */
    int32_t low, high;
} tk_mul_s8_params;

/* out may be the memory of an operand that is not repeated */
void tk_mul_s8(const tk_mul_s8_params *p, const int8_t *a, const int8_t *b, int8_t *out);

#endif
