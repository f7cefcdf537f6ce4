/* Copies the elements or slices of an array that an array of positions names. */
#include "tk_gather.h"

#include <string.h>

void tk_gather(const tk_gather_params *p, const void *in, const int32_t *positions, void *out)
{
    const uint8_t *from = in;
    uint8_t *to = out;

    for (uint32_t batch = 0; batch < p->batches; batch++) {
        for (uint32_t outer = 0; outer < p->outer; outer++) {
            for (uint32_t i = 0; i < p->count; i++) {
                const uint32_t position = (uint32_t)positions[i];

                if (position < p->size) {
                    memcpy(to, from + position * p->run, p->run);
                } else {
                    memset(to, 0, p->run);
                }
                to += p->run;
            }
            from += p->size * p->run;
        }
        positions += p->count;
    }
}
