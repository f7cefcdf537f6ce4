/* Copies the elements or slices of an array that an array of index tuples names. */
#include "tk_gather_nd.h"

#include <string.h>

void tk_gather_nd(const tk_gather_nd_params *p, const void *in, const int32_t *indices, void *out)
{
    uint8_t *to = out;

    for (uint32_t n = 0; n < p->count; n++) {
        int64_t at = 0;

        for (uint32_t i = 0; i < p->dims; i++) {
            at += (int64_t)*indices++ * p->step[i];
        }
        if (at >= 0 && at < p->size) {
            memcpy(to, (const uint8_t *)in + at, p->run);
        } else {
            memset(to, 0, p->run);
        }
        to += p->run;
    }
}
