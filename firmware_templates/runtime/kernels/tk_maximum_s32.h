/* MAXIMUM and MINIMUM, int32, as the numbers are: not rescaled. */
#ifndef TK_MAXIMUM_S32_H
#define TK_MAXIMUM_S32_H

#include "tk_broadcast.h"

typedef struct {
    TK_BROADCAST_PARAMS;
    bool greater; /* the greater of two, else the smaller */
} tk_maximum_s32_params;

/* out may be the memory of an operand that is not repeated */
void tk_maximum_s32(const tk_maximum_s32_params *p, const int32_t *a, const int32_t *b, int32_t *out);

#endif
