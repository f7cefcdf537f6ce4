/* DIV, int8. */
#ifndef TK_DIV_S8_H
#define TK_DIV_S8_H

#include "tk_broadcast.h"

typedef struct {
    TK_BROADCAST_PARAMS;
    bool swapped; /* a is the divisor */
    int32_t zero_first, zero_second, zero;
    int32_t multiplier;
    int32_t shift; /* to the left, -25..23 */
    int32_t low, high;
} tk_div_s8_params;

/* out may be the memory of an operand that is not repeated */
void tk_div_s8(const tk_div_s8_params *p, const int8_t *a, const int8_t *b, int8_t *out);

#endif
