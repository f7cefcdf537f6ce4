/* ADD_N, int8 (reference/add_n.h): the sum has 19 bits behind the point, and wraps in 32. */
#include "tk_add_n_s8.h"

#include <stdarg.h>

#include "tk_common.h"

#define BLOCK 16
#define FRACTION_BITS 19

void tk_add_n_s8(const tk_add_n_s8_params *p, int8_t *out, ...)
{
    for (int32_t at = 0; at < p->count; at += BLOCK) {
        const int32_t n = p->count - at < BLOCK ? p->count - at : BLOCK;
        int32_t sums[BLOCK] = {0};
        va_list inputs;

        va_start(inputs, out);
        for (int32_t i = 0; i < p->inputs; i++) {
            const int8_t *in = va_arg(inputs, const void *);
            for (int32_t k = 0; k < n; k++) {
                sums[k] += in[at + k];
            }
        }
        va_end(inputs);
        for (int32_t k = 0; k < n; k++) {
            const int32_t sum = (int32_t)((uint32_t)(p->start + sums[k]) << FRACTION_BITS);
            const int32_t result = tk_rounding_shift(tk_doubling_high_mul(sum, p->multiplier), p->shift);
            out[at + k] = (int8_t)tk_clamp(result + p->zero, INT8_MIN, INT8_MAX);
        }
    }
}
