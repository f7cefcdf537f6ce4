/* PRELU, int8. */
#include "tk_prelu_s8.h"

#include "tk_common.h"
#include "tk_wrapping.h"

void tk_prelu_s8(const tk_prelu_s8_params *p, const int8_t *x, const int8_t *alpha, int8_t *out)
{
    const int32_t step = p->step_b;
    tk_broadcast at = {{0}, 0, 0};

    do {
        const int8_t *from = x + at.a;
        const int8_t *by = alpha + at.b;
        const int8_t *const end = from + p->row;
        for (; from != end; by += step) {
            const int32_t value = *from++ - p->zero_in;
            const int32_t y = value >= 0 ? tk_requantize(value, p->multiplier, p->shift)
                                         : tk_requantize(value * (*by - p->zero_alpha), p->alpha_multiplier, p->alpha_shift);
            *out++ = (int8_t)tk_clamp(tk_add_wrapping(y, p->zero_out), -128, 127);
        }
    } while (tk_broadcast_next(&at, p->count, p->stride_a, p->stride_b));
}
