/* CUMSUM, float32. */
#ifndef TK_CUMSUM_F32_H
#define TK_CUMSUM_F32_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    int32_t outer, depth, inner; /* elements before, along and behind the axis */
    bool exclusive, reverse;
} tk_cumsum_f32_params;

/* in and out [outer][depth][inner]; may be the same memory */
void tk_cumsum_f32(const tk_cumsum_f32_params *p, const float *in, float *out);

#endif
