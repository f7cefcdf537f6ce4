/* REDUCE_MAX, int8: portable C. */
#ifndef TK_REDUCE_MAX_S8_H
#define TK_REDUCE_MAX_S8_H

#include "tk_reduce.h"

typedef struct {
    uint32_t kept_count[TK_REDUCE_LOOPS], kept_step[TK_REDUCE_LOOPS];       /* in elements, outermost first */
    uint32_t reduced_count[TK_REDUCE_LOOPS], reduced_step[TK_REDUCE_LOOPS];
} tk_reduce_max_s8_params;

void tk_reduce_max_s8(const tk_reduce_max_s8_params *p, const int8_t *in, int8_t *out);

#endif
