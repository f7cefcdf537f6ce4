/* SQUARED_DIFFERENCE, int32; wraps. */
#ifndef TK_SQUARED_DIFFERENCE_S32_H
#define TK_SQUARED_DIFFERENCE_S32_H

#include "tk_broadcast.h"

typedef struct {
    TK_BROADCAST_PARAMS;
} tk_squared_difference_s32_params;

/* out may be the memory of an operand that is not repeated */
void tk_squared_difference_s32(const tk_squared_difference_s32_params *p, const int32_t *a, const int32_t *b, int32_t *out);

#endif
