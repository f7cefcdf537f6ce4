/* RESIZE_NEAREST_NEIGHBOR: portable C. */
#include "tk_resize_nearest.h"

#include <string.h>

void tk_resize_nearest(const tk_resize_nearest_params *p, const void *in, void *out)
{
    const uint8_t *image = in;
    uint8_t *to = out;
    const uint32_t pixel = p->pixel;

    for (uint32_t batch = 0; batch < p->batches; batch++) {
        for (uint32_t y = 0; y < p->out_h; y++) {
            const uint8_t *const row = image + (uint32_t)p->rows[y] * p->in_w * pixel;

            for (uint32_t x = 0; x < p->out_w; x++) {
                memcpy(to, row + p->columns[x] * pixel, pixel);
                to += pixel;
            }
        }
        image += (uint32_t)p->in_h * p->in_w * pixel;
    }
}
