/* CAST, float32 to int32. */
#include "tk_cast_f32_s32.h"

void tk_cast_f32_s32(const tk_cast_f32_s32_params *p, const float *in, int32_t *out)
{
    const float *const end = in + p->count;

    while (in != end) {
        const float x = *in++;
        int32_t y = 0;
        if (x >= 2147483648.0f) {
            y = INT32_MAX;
        } else if (x > -2147483648.0f) {
            y = (int32_t)x;
        } else if (x <= -2147483648.0f) {
            y = INT32_MIN;
        }
        *out++ = y;
    }
}
