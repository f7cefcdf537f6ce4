/* MAXIMUM and MINIMUM, int64, as the numbers are: not rescaled. */
#ifndef TK_MAXIMUM_S64_H
#define TK_MAXIMUM_S64_H

#include "tk_broadcast.h"

typedef struct {
    TK_BROADCAST_PARAMS;
    bool greater; /* the greater of two, else the smaller */
} tk_maximum_s64_params;

/* out may be the memory of an operand that is not repeated */
void tk_maximum_s64(const tk_maximum_s64_params *p, const int64_t *a, const int64_t *b, int64_t *out);

#endif
