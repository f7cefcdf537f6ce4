/* PRELU, int16 with alpha of int8: x, or alpha * x where x is negative. */
#ifndef TK_PRELU_S16_H
#define TK_PRELU_S16_H

#include "tk_broadcast.h"

typedef struct {
    TK_BROADCAST_PARAMS;
    int32_t zero_in, zero_alpha, zero_out;
    int32_t multiplier, shift;             /* of what is not negative */
    int32_t alpha_multiplier, alpha_shift; /* of products with alpha */
} tk_prelu_s16_params;

/* out: the broadcast shape; may be the same memory as an x that is not repeated */
void tk_prelu_s16(const tk_prelu_s16_params *p, const int16_t *x, const int8_t *alpha, int16_t *out);

#endif
