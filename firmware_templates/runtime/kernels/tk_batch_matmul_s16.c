/* BATCH_MATMUL, int16, of zero points 0. */
#include "tk_batch_matmul_s16.h"

#include "tk_common.h"

/* The wide sum times the multiplier, rounded once; what 32 bits of the result do not hold is lost, as in TFLite. */
TK_INLINE int16_t rescaled(int64_t sum, int32_t multiplier, int32_t shift)
{
    const int64_t scaled = (sum * multiplier + ((int64_t)1 << (shift - 1))) >> shift;
    return (int16_t)tk_clamp((int32_t)(uint32_t)(uint64_t)scaled, INT16_MIN, INT16_MAX);
}

void tk_batch_matmul_s16(const tk_batch_matmul_s16_params *p, const int16_t *a, const int16_t *b, int16_t *out)
{
    TK_BATCH_MATMUL(int16_t, int64_t, p, a, b, out, (int32_t)x * y, rescaled(sum, p->multiplier, p->shift));
}
