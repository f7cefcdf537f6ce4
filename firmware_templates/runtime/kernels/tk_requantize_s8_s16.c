/* QUANTIZE, int8 to int16. */
#include "tk_requantize_s8_s16.h"

#include "tk_common.h"
#include "tk_wrapping.h"

void tk_requantize_s8_s16(const tk_requantize_s8_s16_params *p, const int8_t *in, int16_t *out)
{
    const int32_t zero_in = p->zero_in;
    const int32_t zero_out = p->zero_out;
    const int32_t multiplier = p->multiplier;
    const int32_t shift = p->shift;
    const int32_t low = p->low;
    const int32_t high = p->high;
    const int8_t *const end = in + p->count;

    while (in != end) {
        const int32_t x = tk_requantize(tk_subtract_wrapping(*in++, zero_in), multiplier, shift);
        *out++ = (int16_t)tk_clamp(tk_add_wrapping(x, zero_out), low, high);
    }
}
