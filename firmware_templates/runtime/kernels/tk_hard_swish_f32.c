/* HARD_SWISH, float32. The product is divided, not multiplied by 1/6, as TFLite does (reference/hard_swish.h). */
#include "tk_hard_swish_f32.h"

#include "tk_common.h"

void tk_hard_swish_f32(const tk_hard_swish_f32_params *p, const float *in, float *out)
{
    const float *const end = in + p->count;

    while (in != end) {
        const float x = *in++;
        *out++ = x * tk_clampf(x + 3.0f, 0.0f, 6.0f) / 6.0f;
    }
}
