/* What pooling kernels on Arm cores with the DSP extension share: all windows of an image, one after the other. */
#ifndef TK_DSP_POOL_H
#define TK_DSP_POOL_H

#include <string.h>

#include "tk_pool2d.h"

/* The part of a window that is inside of the input. */
typedef struct {
    int32_t rows, columns; /* at least 1 */
    int32_t channels;
    int32_t gap; /* bytes from the end of a row to the next row's beginning */
} tk_dsp_pool_part;

/* Writes all channels of a pixel. `params` are the kernel's own. */
typedef void (*tk_dsp_pool_pixel)(const tk_dsp_pool_part *part, const void *params, const int8_t *corner, int8_t *out);

void tk_dsp_pool(const tk_pool2d_window *window, tk_dsp_pool_pixel pixel, const void *params, const int8_t *in,
                 int8_t *out);

/* Four channels of an input, or one. */
TK_INLINE uint32_t tk_dsp_pool_load(const int8_t *from, int whole)
{
    uint32_t four = (uint8_t)*from;
    if (whole) {
        memcpy(&four, from, 4);
    }
    return four;
}

#endif
