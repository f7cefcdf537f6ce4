/* Interleaves the images of a batch. */
#include "tk_batch_to_space.h"

#include <string.h>

void tk_batch_to_space(const tk_batch_to_space_params *p, const void *in, void *out)
{
    uint8_t *to = out;

    for (int32_t image = 0; image < p->images; image++) {
        for (int32_t y = p->top; y < p->top + p->out_height; y++) {
            for (int32_t x = p->left; x < p->left + p->out_width; x++) {
                int32_t from = y % p->block_height * p->block_width + x % p->block_width;

                from = (from * p->images + image) * p->height + y / p->block_height;
                from = from * p->width + x / p->block_width;
                memcpy(to, (const uint8_t *)in + (uint32_t)from * p->run, p->run);
                to += p->run;
            }
        }
    }
}
