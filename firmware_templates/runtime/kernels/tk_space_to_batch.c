/* Takes images apart into a batch of smaller ones. */
#include "tk_space_to_batch.h"

#include <string.h>

/* Every block_height-th row and block_width-th column of an image, from a row and a column on that may be before it. */
static uint8_t *one(const tk_space_to_batch_params *p, const uint8_t *in, int32_t top, int32_t left, uint8_t *to)
{
    for (int32_t i = 0, y = top; i < p->out_height; i++, y += p->block_height) {
        for (int32_t j = 0, x = left; j < p->out_width; j++, x += p->block_width) {
            if (y >= 0 && y < p->height && x >= 0 && x < p->width) {
                memcpy(to, in + (uint32_t)(y * p->width + x) * p->run, p->run);
            } else {
                memset(to, 0, p->run);
            }
            to += p->run;
        }
    }
    return to;
}

void tk_space_to_batch(const tk_space_to_batch_params *p, const void *in, void *out)
{
    const uint32_t size = (uint32_t)(p->height * p->width) * p->run;
    uint8_t *to = out;

    for (int32_t y = 0; y < p->block_height; y++) {
        for (int32_t x = 0; x < p->block_width; x++) {
            for (int32_t image = 0; image < p->images; image++) {
                to = one(p, (const uint8_t *)in + (uint32_t)image * size, y - p->top, x - p->left, to);
            }
        }
    }
}
