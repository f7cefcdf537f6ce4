/* LEAKY_RELU, int16. */
#include "tk_leaky_relu_s16.h"

#include "tk_common.h"
#include "tk_wrapping.h"

void tk_leaky_relu_s16(const tk_leaky_relu_s16_params *p, const int16_t *in, int16_t *out)
{
    const int16_t *const end = in + p->count;

    while (in != end) {
        const int32_t x = *in++ - p->zero_in;
        int32_t y;
        if (x >= 0) {
            y = tk_requantize(x, p->multiplier, p->shift);
        } else {
            y = tk_requantize(x, p->alpha_multiplier, p->alpha_shift);
            if (p->alpha_is_negative) {
                y = tk_subtract_wrapping(0, y);
            }
        }
        *out++ = (int16_t)tk_clamp(tk_add_wrapping(y, p->zero_out), -32768, 32767);
    }
}
