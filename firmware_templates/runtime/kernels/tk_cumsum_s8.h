/* CUMSUM, int8. */
#ifndef TK_CUMSUM_S8_H
#define TK_CUMSUM_S8_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    int32_t outer, depth, inner; /* elements before, along and behind the axis */
    bool exclusive, reverse;
    int32_t zero_in, zero;
    int32_t multiplier, shift; /* to the right */
} tk_cumsum_s8_params;

/* in and out [outer][depth][inner]; may be the same memory */
void tk_cumsum_s8(const tk_cumsum_s8_params *p, const int8_t *in, int8_t *out);

#endif
