/* MUL, int16, of zero points 0. */
#ifndef TK_MUL_S16_H
#define TK_MUL_S16_H

#include "tk_broadcast.h"

typedef struct {
    TK_BROADCAST_PARAMS;
    int32_t multiplier, shift;
    int32_t low, high;
} tk_mul_s16_params;

/* out may be the memory of an operand that is not repeated */
void tk_mul_s16(const tk_mul_s16_params *p, const int16_t *a, const int16_t *b, int16_t *out);

#endif
