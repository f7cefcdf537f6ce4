/* ABS, int16. */
#include "tk_abs_s16.h"

#include "tk_common.h"

void tk_abs_s16(const tk_abs_s16_params *p, const int16_t *in, int16_t *out)
{
    const int32_t multiplier = p->multiplier;
    const int32_t shift = p->shift;
    const int32_t high = p->high;
    const int16_t *const end = in + p->count;

    while (in != end) {
        const int32_t x = *in++;
        *out++ = (int16_t)tk_clamp(tk_requantize(x < 0 ? -x : x, multiplier, shift), -32768, high);
    }
}
