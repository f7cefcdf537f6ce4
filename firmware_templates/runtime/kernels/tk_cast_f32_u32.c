/* CAST, float32 to uint32. */
#include "tk_cast_f32_u32.h"

void tk_cast_f32_u32(const tk_cast_f32_u32_params *p, const float *in, uint32_t *out)
{
    const float *const end = in + p->count;

    while (in != end) {
        const float x = *in++;
        uint32_t y = 0;
        if (x >= 4294967296.0f) {
            y = UINT32_MAX;
        } else if (x > 0.0f) {
            y = (uint32_t)x;
        }
        *out++ = y;
    }
}
