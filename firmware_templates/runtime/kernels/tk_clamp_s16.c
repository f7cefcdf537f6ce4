/* RELU6, int16. */
#include "tk_clamp_s16.h"

#include "tk_common.h"

void tk_clamp_s16(const tk_clamp_s16_params *p, const int16_t *in, int16_t *out)
{
    const int32_t low = p->low;
    const int32_t high = p->high;
    const int16_t *const end = in + p->count;

    while (in != end) {
        *out++ = (int16_t)tk_clamp(*in++, low, high);
    }
}
