/* REDUCE_MAX, int8: portable C. */
#include "tk_reduce_max_s8.h"

void tk_reduce_max_s8(const tk_reduce_max_s8_params *p, const int8_t *in, int8_t *out)
{
    uint32_t kept[TK_REDUCE_LOOPS] = {0};

    do {
        const int8_t *const start = in + tk_place(kept, p->kept_step);
        uint32_t reduced[TK_REDUCE_LOOPS] = {0};
        int8_t best = INT8_MIN;

        do {
            const int8_t x = start[tk_place(reduced, p->reduced_step)];
            best = x > best ? x : best;
        } while (tk_next(reduced, p->reduced_count));
        *out++ = best;
    } while (tk_next(kept, p->kept_count));
}
