/* RESIZE_NEAREST_NEIGHBOR: copies pixels of any type. Which ones is in tables made on the host. */
#ifndef TK_RESIZE_NEAREST_H
#define TK_RESIZE_NEAREST_H

#include <stdint.h>

typedef struct {
    uint32_t pixel; /* bytes */
    uint16_t batches;
    uint16_t in_h, in_w;
    uint16_t out_h, out_w;
    const uint16_t *rows;    /* [out_h], of the input */
    const uint16_t *columns; /* [out_w] */
} tk_resize_nearest_params;

/* in [batches][in_h][in_w][pixel], out [batches][out_h][out_w][pixel] */
void tk_resize_nearest(const tk_resize_nearest_params *p, const void *in, void *out);

#endif
