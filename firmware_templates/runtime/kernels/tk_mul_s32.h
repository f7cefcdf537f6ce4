/* MUL, int32; wraps. */
#ifndef TK_MUL_S32_H
#define TK_MUL_S32_H

#include "tk_broadcast.h"

typedef struct {
    TK_BROADCAST_PARAMS;
    int32_t low, high;
} tk_mul_s32_params;

/* out may be the memory of an operand that is not repeated */
void tk_mul_s32(const tk_mul_s32_params *p, const int32_t *a, const int32_t *b, int32_t *out);

#endif
