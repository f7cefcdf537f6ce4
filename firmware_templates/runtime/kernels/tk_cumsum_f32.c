/* CUMSUM, float32. */
#include "tk_cumsum_f32.h"

void tk_cumsum_f32(const tk_cumsum_f32_params *p, const float *in, float *out)
{
    const int32_t step = p->reverse ? -p->inner : p->inner;

    for (int32_t block = 0; block < p->outer; block++) {
        for (int32_t i = 0; i < p->inner; i++) {
            int32_t at = (block * p->depth + (p->reverse ? p->depth - 1 : 0)) * p->inner + i;
            float sum = 0.0f;
            for (int32_t k = 0; k < p->depth; k++) {
                const float next = sum + in[at];
                out[at] = p->exclusive ? sum : next;
                sum = next;
                at += step;
            }
        }
    }
}
