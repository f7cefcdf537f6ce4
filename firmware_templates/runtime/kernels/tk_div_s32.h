/* DIV, int32, towards 0; by 0 gives 0. */
#ifndef TK_DIV_S32_H
#define TK_DIV_S32_H

#include "tk_broadcast.h"

typedef struct {
    TK_BROADCAST_PARAMS;
    bool swapped; /* a is the divisor */
    int32_t low, high;
} tk_div_s32_params;

/* out may be the memory of an operand that is not repeated */
void tk_div_s32(const tk_div_s32_params *p, const int32_t *a, const int32_t *b, int32_t *out);

#endif
