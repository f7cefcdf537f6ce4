/* REDUCE_MIN, float32: portable C. NaN counts as nothing. */
#ifndef TK_REDUCE_MIN_F32_H
#define TK_REDUCE_MIN_F32_H

#include "tk_reduce.h"

typedef struct {
    uint32_t kept_count[TK_REDUCE_LOOPS], kept_step[TK_REDUCE_LOOPS];       /* in elements, outermost first */
    uint32_t reduced_count[TK_REDUCE_LOOPS], reduced_step[TK_REDUCE_LOOPS];
} tk_reduce_min_f32_params;

void tk_reduce_min_f32(const tk_reduce_min_f32_params *p, const float *in, float *out);

#endif
