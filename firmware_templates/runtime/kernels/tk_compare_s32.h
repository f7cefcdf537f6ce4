/* EQUAL, NOT_EQUAL, GREATER, GREATER_EQUAL, LESS, LESS_EQUAL, int32 as the numbers are. */
#ifndef TK_COMPARE_S32_H
#define TK_COMPARE_S32_H

#include "tk_broadcast.h"

typedef struct {
    TK_BROADCAST_PARAMS;
    uint8_t relation; /* bits: result for a < b, a == b, a > b */
} tk_compare_s32_params;

/* out may be the memory of an operand that is not repeated */
void tk_compare_s32(const tk_compare_s32_params *p, const int32_t *a, const int32_t *b, bool *out);

#endif
