/* Copies between strided arrays.
 *
 * The compiler has merged what is contiguous, so there are few loops left and their runs are as long as they can be.
 */
#include "tk_copy_nd.h"

#include <string.h>

/* One row: the innermost loop and its runs. Single bytes are copied without calling memcpy for each. */
static void copy_row(const tk_copy_nd_params *p, const uint8_t *from, uint8_t *to)
{
    const int32_t from_step = p->source_step[TK_COPY_LOOPS - 1];
    const int32_t to_step = p->target_step[TK_COPY_LOOPS - 1];
    const uint32_t run = p->run;

    for (uint32_t n = p->count[TK_COPY_LOOPS - 1];;) {
        if (run == 1) {
            *to = *from;
        } else {
            memcpy(to, from, run);
        }
        if (--n == 0) {
            return; /* without the last step, which would leave the arrays */
        }
        from += from_step;
        to += to_step;
    }
}

void tk_copy_nd(const tk_copy_nd_params *p, const void *in, void *out)
{
    const uint8_t *const from = (const uint8_t *)in + p->source_offset;
    uint8_t *const to = (uint8_t *)out + p->target_offset;
    uint32_t at[TK_COPY_LOOPS - 1] = {0};

    for (;;) {
        int32_t from_at = 0, to_at = 0;
        int loop = TK_COPY_LOOPS - 2;

        for (int i = 0; i < TK_COPY_LOOPS - 1; i++) {
            from_at += (int32_t)at[i] * p->source_step[i];
            to_at += (int32_t)at[i] * p->target_step[i];
        }
        copy_row(p, from + from_at, to + to_at);
        while (loop >= 0 && ++at[loop] == p->count[loop]) {
            at[loop--] = 0;
        }
        if (loop < 0) {
            return;
        }
    }
}
