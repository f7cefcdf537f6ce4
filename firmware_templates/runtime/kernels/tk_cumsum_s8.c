/* CUMSUM, int8 (reference/cumsum.h): sums have 19 bits behind the point, and wrap in 32. */
#include "tk_cumsum_s8.h"

#include "tk_common.h"

#define FRACTION_BITS 19

TK_INLINE int8_t rescaled(const tk_cumsum_s8_params *p, int32_t sum)
{
    const int32_t scaled = (int32_t)((uint32_t)sum << FRACTION_BITS);
    const int32_t result = tk_rounding_shift(tk_doubling_high_mul(scaled, p->multiplier), p->shift);
    return (int8_t)tk_clamp(result + p->zero, INT8_MIN, INT8_MAX);
}

void tk_cumsum_s8(const tk_cumsum_s8_params *p, const int8_t *in, int8_t *out)
{
    const int32_t step = p->reverse ? -p->inner : p->inner;

    for (int32_t block = 0; block < p->outer; block++) {
        for (int32_t i = 0; i < p->inner; i++) {
            int32_t at = (block * p->depth + (p->reverse ? p->depth - 1 : 0)) * p->inner + i;
            int32_t sum = -p->zero_in;
            for (int32_t k = 0; k < p->depth; k++) {
                const int32_t next = sum + in[at] - p->zero_in;
                out[at] = rescaled(p, p->exclusive ? sum : next);
                sum = next;
                at += step;
            }
        }
    }
}
