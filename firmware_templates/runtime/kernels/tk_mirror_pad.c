/* Continues an array beyond its edges by its mirror image. Behind its end, where the image ends as well, it is continued
 * by the first element.
 */
#include "tk_mirror_pad.h"

#include <string.h>

/* Index in the input of what is at an index in the output. */
static uint32_t mirrored(const tk_mirror_pad_params *p, int dim, int32_t at)
{
    const int32_t last = p->size[dim] - 1 - p->skip;

    at -= p->before[dim];
    if (at < 0) {
        at = p->skip - 1 - at;
    } else if (at >= p->size[dim]) {
        at = last - (at - p->size[dim]);
        at = at < 0 ? 0 : at;
    }
    return (uint32_t)at;
}

void tk_mirror_pad(const tk_mirror_pad_params *p, const void *in, void *out)
{
    int32_t at[TK_MIRROR_PAD_DIMS] = {0};
    uint8_t *to = out;
    const int inner = TK_MIRROR_PAD_DIMS - 1;

    for (;;) {
        uint32_t row = 0;
        int dim = inner - 1;

        for (int i = 0; i < inner; i++) {
            row = row * (uint32_t)p->size[i] + mirrored(p, i, at[i]);
        }
        row *= (uint32_t)p->size[inner];
        for (int32_t i = 0; i < p->padded[inner]; i++) {
            memcpy(to, (const uint8_t *)in + (row + mirrored(p, inner, i)) * p->run, p->run);
            to += p->run;
        }
        while (dim >= 0 && ++at[dim] == p->padded[dim]) {
            at[dim--] = 0;
        }
        if (dim < 0) {
            return;
        }
    }
}
