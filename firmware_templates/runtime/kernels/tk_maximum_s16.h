/* MAXIMUM and MINIMUM, int16, as the numbers are: not rescaled. */
#ifndef TK_MAXIMUM_S16_H
#define TK_MAXIMUM_S16_H

#include "tk_broadcast.h"

typedef struct {
    TK_BROADCAST_PARAMS;
    bool greater; /* the greater of two, else the smaller */
} tk_maximum_s16_params;

/* out may be the memory of an operand that is not repeated */
void tk_maximum_s16(const tk_maximum_s16_params *p, const int16_t *a, const int16_t *b, int16_t *out);

#endif
