/* Which inputs a TRANSPOSE_CONV's output depends on, along one axis. */
#ifndef TK_TRANSPOSE_CONV_H
#define TK_TRANSPOSE_CONV_H

#include "tk_common.h"

/* Inputs `first` to `end` (exclusive); `tap` of the first one's window lies on the output, `stride` less of each next. */
typedef struct {
    int32_t first;
    int32_t end;
    int32_t tap;
} tk_reach;

/* Input i has its window of k taps at i * stride; `at` is the output's place there. */
TK_INLINE tk_reach tk_reaching(int32_t at, int32_t k, int32_t stride, int32_t size)
{
    tk_reach reach;

    reach.first = at < k ? 0 : (at - k) / stride + 1;
    reach.end = at / stride + 1 < size ? at / stride + 1 : size;
    reach.tap = at - reach.first * stride;
    return reach;
}

#endif
