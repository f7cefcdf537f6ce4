/* CAST, float32 to int8. */
#include "tk_cast_f32_s8.h"

void tk_cast_f32_s8(const tk_cast_f32_s8_params *p, const float *in, int8_t *out)
{
    const float *const end = in + p->count;

    while (in != end) {
        const float x = *in++;
        int8_t y = 0;
        if (x >= 127.0f) {
            y = INT8_MAX;
        } else if (x > -128.0f) {
            y = (int8_t)x;
        } else if (x <= -128.0f) {
            y = INT8_MIN;
        }
        *out++ = y;
    }
}
