/* MEAN and SUM, int16: portable C. */
#include "tk_mean_s16.h"

#include "tk_common.h"

void tk_mean_s16(const tk_mean_s16_params *p, const int16_t *in, int16_t *out)
{
    const uint32_t inner_count = p->reduced_count[TK_REDUCE_LOOPS - 1];
    const uint32_t inner_step = p->reduced_step[TK_REDUCE_LOOPS - 1];
    uint32_t kept[TK_REDUCE_LOOPS] = {0};

    do {
        const int16_t *const start = in + tk_place(kept, p->kept_step);
        uint32_t reduced[TK_REDUCE_LOOPS] = {0};
        uint32_t sum = 0u - (uint32_t)p->zero_point_sum; /* wraps around as TFLite-Micro's does */

        do {
            const int16_t *const row = start + tk_place(reduced, p->reduced_step);
            for (uint32_t i = 0; i < inner_count; i++) {
                const int32_t x = row[i * inner_step];
                sum += (uint32_t)x;
            }
            reduced[TK_REDUCE_LOOPS - 1] = inner_count - 1; /* that loop is done */
        } while (tk_next(reduced, p->reduced_count));
        /* far outside of the range the sum wraps around as TFLite-Micro's does */
        const uint32_t mean = (uint32_t)tk_requantize((int32_t)sum, p->multiplier, p->shift) + (uint32_t)p->output_zero_point;
        *out++ = (int16_t)tk_clamp((int32_t)mean, INT16_MIN, INT16_MAX);
    } while (tk_next(kept, p->kept_count));
}
