/* MAXIMUM and MINIMUM, int8, as the numbers are: not rescaled. */
#ifndef TK_MAXIMUM_S8_H
#define TK_MAXIMUM_S8_H

#include "tk_broadcast.h"

typedef struct {
    TK_BROADCAST_PARAMS;
    bool greater; /* the greater of two, else the smaller */
} tk_maximum_s8_params;

/* out may be the memory of an operand that is not repeated */
void tk_maximum_s8(const tk_maximum_s8_params *p, const int8_t *a, const int8_t *b, int8_t *out);

#endif
