/* REDUCE_ALL, bool: portable C. */
#include "tk_reduce_all.h"

void tk_reduce_all(const tk_reduce_all_params *p, const bool *in, bool *out)
{
    uint32_t kept[TK_REDUCE_LOOPS] = {0};

    do {
        const bool *const start = in + tk_place(kept, p->kept_step);
        uint32_t reduced[TK_REDUCE_LOOPS] = {0};
        bool all = true;

        do {
            const bool x = start[tk_place(reduced, p->reduced_step)];
            all = all && x;
        } while (tk_next(reduced, p->reduced_count));
        *out++ = all;
    } while (tk_next(kept, p->kept_count));
}
