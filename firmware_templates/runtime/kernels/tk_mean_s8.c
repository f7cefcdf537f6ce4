/* MEAN and SUM, int8: portable C. */
#include "tk_mean_s8.h"

#include "tk_common.h"

void tk_mean_s8(const tk_mean_s8_params *p, const int8_t *in, int8_t *out)
{
    const uint32_t inner_count = p->reduced_count[TK_REDUCE_LOOPS - 1];
    const uint32_t inner_step = p->reduced_step[TK_REDUCE_LOOPS - 1];
    uint32_t kept[TK_REDUCE_LOOPS] = {0};

    do {
        const int8_t *const start = in + tk_place(kept, p->kept_step);
        uint32_t reduced[TK_REDUCE_LOOPS] = {0};
        int32_t sum = -p->zero_point_sum;

        do {
            const int8_t *const row = start + tk_place(reduced, p->reduced_step);
            for (uint32_t i = 0; i < inner_count; i++) {
                sum += row[i * inner_step];
            }
            reduced[TK_REDUCE_LOOPS - 1] = inner_count - 1; /* that loop is done */
        } while (tk_next(reduced, p->reduced_count));
        /* far outside of the range the sum wraps around as TFLite-Micro's does */
        const uint32_t mean = (uint32_t)tk_requantize(sum, p->multiplier, p->shift) + (uint32_t)p->output_zero_point;
        *out++ = (int8_t)tk_clamp((int32_t)mean, INT8_MIN, INT8_MAX);
    } while (tk_next(kept, p->kept_count));
}
