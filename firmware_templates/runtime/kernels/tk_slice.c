/* A part of an array that begins, and is as large, as two other arrays say. */
#include "tk_slice.h"

#include <string.h>

static int64_t number(const tk_slice_params *p, const void *numbers, uint32_t i)
{
    return p->wide ? ((const int64_t *)numbers)[i] : ((const int32_t *)numbers)[i];
}

void tk_slice(const tk_slice_params *p, const void *in, const void *begin, const void *size, void *out)
{
    uint32_t first[TK_SLICE_DIMS], sizes[TK_SLICE_DIMS], at[TK_SLICE_DIMS] = {0};
    uint32_t count = 1, run;
    const uint32_t inner = p->dims - 1;
    uint8_t *to = out;

    memset(out, 0, p->count * p->element);
    for (uint32_t i = 0; i < p->dims; i++) {
        const int64_t from = number(p, begin, i);
        int64_t length = number(p, size, i);

        if (from < 0 || from > p->shape[i]) {
            return;
        }
        length = length == -1 ? p->shape[i] - from : length;
        if (length < 0 || length > p->shape[i] - from) {
            return;
        }
        first[i] = (uint32_t)from;
        sizes[i] = (uint32_t)length;
        count *= sizes[i]; /* not more than the input has */
    }
    if (count != p->count) {
        return;
    }
    run = sizes[inner] * p->element;
    for (;;) {
        uint32_t row = 0, dim = inner;

        for (uint32_t i = 0; i < p->dims; i++) {
            row = row * (uint32_t)p->shape[i] + first[i] + at[i];
        }
        memcpy(to, (const uint8_t *)in + row * p->element, run);
        to += run;
        while (dim > 0 && ++at[dim - 1] == sizes[dim - 1]) {
            at[--dim] = 0;
        }
        if (dim == 0) {
            return;
        }
    }
}
