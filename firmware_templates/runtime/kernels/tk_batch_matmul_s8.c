/* BATCH_MATMUL, int8. */
#include "tk_batch_matmul_s8.h"

#include "tk_common.h"

void tk_batch_matmul_s8(const tk_batch_matmul_s8_params *p, const int8_t *a, const int8_t *b, int8_t *out)
{
    const int32_t zero_a = p->zero_a;
    const int32_t zero_b = p->zero_b;

    TK_BATCH_MATMUL(int8_t, int32_t, p, a, b, out, (x - zero_a) * (y - zero_b),
                    (int8_t)tk_clamp(tk_requantize(sum, p->multiplier, p->shift) + p->zero, INT8_MIN, INT8_MAX));
}
