/* EQUAL, NOT_EQUAL, GREATER, GREATER_EQUAL, LESS, LESS_EQUAL, int8 as the numbers are, and bool. */
#ifndef TK_COMPARE_S8_H
#define TK_COMPARE_S8_H

#include "tk_broadcast.h"

typedef struct {
    TK_BROADCAST_PARAMS;
    uint8_t relation; /* bits: result for a < b, a == b, a > b */
} tk_compare_s8_params;

/* out may be the memory of an operand that is not repeated */
void tk_compare_s8(const tk_compare_s8_params *p, const void *a, const void *b, bool *out);

#endif
