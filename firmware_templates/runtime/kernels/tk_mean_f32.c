/* MEAN and SUM, float32: portable C. */
#include "tk_mean_f32.h"

void tk_mean_f32(const tk_mean_f32_params *p, const float *in, float *out)
{
    uint32_t kept[TK_REDUCE_LOOPS] = {0};

    do {
        const float *const start = in + tk_place(kept, p->kept_step);
        uint32_t reduced[TK_REDUCE_LOOPS] = {0};
        float sum = 0.0f;

        do {
            sum += start[tk_place(reduced, p->reduced_step)];
        } while (tk_next(reduced, p->reduced_count));
        *out++ = sum / p->elements;
    } while (tk_next(kept, p->kept_count));
}
