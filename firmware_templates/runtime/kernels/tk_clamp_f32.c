/* Clamping, float32. */
#include "tk_clamp_f32.h"

#include "tk_common.h"

void tk_clamp_f32(const tk_clamp_f32_params *p, const float *in, float *out)
{
    const float low = p->low;
    const float high = p->high;
    const float *const end = in + p->count;

    while (in != end) {
        *out++ = tk_clampf(*in++, low, high);
    }
}
