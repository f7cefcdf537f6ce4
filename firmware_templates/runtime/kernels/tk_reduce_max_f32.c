/* REDUCE_MAX, float32: portable C. */
#include "tk_reduce_max_f32.h"

#include <float.h>

void tk_reduce_max_f32(const tk_reduce_max_f32_params *p, const float *in, float *out)
{
    uint32_t kept[TK_REDUCE_LOOPS] = {0};

    do {
        const float *const start = in + tk_place(kept, p->kept_step);
        uint32_t reduced[TK_REDUCE_LOOPS] = {0};
        float best = -FLT_MAX;

        do {
            const float x = start[tk_place(reduced, p->reduced_step)];
            best = x > best ? x : best;
        } while (tk_next(reduced, p->reduced_count));
        *out++ = best;
    } while (tk_next(kept, p->kept_count));
}
