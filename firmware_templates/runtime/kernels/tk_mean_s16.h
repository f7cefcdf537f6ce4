/* MEAN and SUM, int16: portable C. */
#ifndef TK_MEAN_S16_H
#define TK_MEAN_S16_H

#include "tk_reduce.h"

typedef struct {
    uint32_t kept_count[TK_REDUCE_LOOPS], kept_step[TK_REDUCE_LOOPS];       /* in elements, outermost first */
    uint32_t reduced_count[TK_REDUCE_LOOPS], reduced_step[TK_REDUCE_LOOPS];
    int32_t multiplier; /* for tk_requantize, in a mean the number of elements included */
    int32_t shift;
    int32_t zero_point_sum; /* of the input, times the number of elements */
    int32_t output_zero_point;
} tk_mean_s16_params;

void tk_mean_s16(const tk_mean_s16_params *p, const int16_t *in, int16_t *out);

#endif
