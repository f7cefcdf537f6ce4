/* EQUAL, NOT_EQUAL, GREATER, GREATER_EQUAL, LESS, LESS_EQUAL, int8 of different quantizations. */
#include "tk_compare_rescale_s8.h"

#include "tk_common.h"
#include "tk_each_pair.h"

/* in steps of 2^-8, as TFLite's reference/comparisons.h has it */
TK_INLINE int32_t scaled(int32_t x, int32_t multiplier, int32_t shift)
{
    return tk_rounding_shift(tk_doubling_high_mul(x * (1 << 8), multiplier), shift);
}

TK_INLINE bool compare(int32_t x, int32_t y, uint32_t relation)
{
    return (relation >> ((x >= y) + (x > y))) & 1;
}

void tk_compare_rescale_s8(const tk_compare_rescale_s8_params *p, const int8_t *a, const int8_t *b, bool *out)
{
    const uint32_t relation = p->relation;

    TK_EACH_PAIR(int8_t, p, a, b, out,
                 compare(scaled(x - p->zero_a, p->multiplier_a, p->shift_a),
                         scaled(y - p->zero_b, p->multiplier_b, p->shift_b), relation));
}
