/* EQUAL, NOT_EQUAL, GREATER, GREATER_EQUAL, LESS, LESS_EQUAL, int64 as the numbers are. */
#ifndef TK_COMPARE_S64_H
#define TK_COMPARE_S64_H

#include "tk_broadcast.h"

typedef struct {
    TK_BROADCAST_PARAMS;
    uint8_t relation; /* bits: result for a < b, a == b, a > b */
} tk_compare_s64_params;

/* out may be the memory of an operand that is not repeated */
void tk_compare_s64(const tk_compare_s64_params *p, const int64_t *a, const int64_t *b, bool *out);

#endif
