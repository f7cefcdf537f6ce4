/* MEAN and SUM, float32: portable C. */
#ifndef TK_MEAN_F32_H
#define TK_MEAN_F32_H

#include "tk_reduce.h"

typedef struct {
    uint32_t kept_count[TK_REDUCE_LOOPS], kept_step[TK_REDUCE_LOOPS];       /* in elements, outermost first */
    uint32_t reduced_count[TK_REDUCE_LOOPS], reduced_step[TK_REDUCE_LOOPS];
    float elements; /* that each mean is taken of; 1 for a sum */
} tk_mean_f32_params;

void tk_mean_f32(const tk_mean_f32_params *p, const float *in, float *out);

#endif
