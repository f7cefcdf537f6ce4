/* Window geometry that the pooling kernels share. */
#ifndef TK_POOL2D_H
#define TK_POOL2D_H

#include "tk_common.h"

typedef struct {
    uint16_t batches;
    uint16_t in_h, in_w;
    uint16_t out_h, out_w;
    uint16_t channels;
    uint16_t k_h, k_w;
    uint16_t stride_h, stride_w;
    uint16_t pad_top, pad_left;
} tk_pool2d_window;

/* The part of one axis of a window that lies inside of the input. */
typedef struct {
    int32_t begin, end;
} tk_span;

TK_INLINE tk_span tk_pool2d_span(int32_t position, int32_t stride, int32_t pad, int32_t window, int32_t size)
{
    const int32_t first = position * stride - pad;
    const tk_span span = {first > 0 ? first : 0, first + window < size ? first + window : size};
    return span;
}

#endif
