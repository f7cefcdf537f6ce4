/* Geometry that the kernels of RESIZE_BILINEAR share. */
#ifndef TK_RESIZE_H
#define TK_RESIZE_H

#include <stdint.h>

typedef struct {
    uint16_t batches;
    uint16_t in_h, in_w;
    uint16_t out_h, out_w;
    uint16_t channels;
    const uint16_t *rows;    /* [out_h][2], above and below in the input */
    const uint16_t *columns; /* [out_w][2], left and right */
} tk_resize;

#endif
