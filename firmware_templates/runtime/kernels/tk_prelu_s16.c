/* PRELU, int16. */
#include "tk_prelu_s16.h"

#include "tk_common.h"
#include "tk_wrapping.h"

void tk_prelu_s16(const tk_prelu_s16_params *p, const int16_t *x, const int8_t *alpha, int16_t *out)
{
    const int32_t step = p->step_b;
    tk_broadcast at = {{0}, 0, 0};

    do {
        const int16_t *from = x + at.a;
        const int8_t *by = alpha + at.b;
        const int16_t *const end = from + p->row;
        for (; from != end; by += step) {
            const int32_t value = *from++ - p->zero_in;
            const int32_t y = value >= 0 ? tk_requantize(value, p->multiplier, p->shift)
                                         : tk_requantize(value * (*by - p->zero_alpha), p->alpha_multiplier, p->alpha_shift);
            *out++ = (int16_t)tk_clamp(tk_add_wrapping(y, p->zero_out), -32768, 32767);
        }
    } while (tk_broadcast_next(&at, p->count, p->stride_a, p->stride_b));
}
