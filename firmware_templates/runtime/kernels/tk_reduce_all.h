/* REDUCE_ALL, bool: portable C. */
#ifndef TK_REDUCE_ALL_H
#define TK_REDUCE_ALL_H

#include <stdbool.h>

#include "tk_reduce.h"

typedef struct {
    uint32_t kept_count[TK_REDUCE_LOOPS], kept_step[TK_REDUCE_LOOPS];       /* in elements, outermost first */
    uint32_t reduced_count[TK_REDUCE_LOOPS], reduced_step[TK_REDUCE_LOOPS];
} tk_reduce_all_params;

void tk_reduce_all(const tk_reduce_all_params *p, const bool *in, bool *out);

#endif
