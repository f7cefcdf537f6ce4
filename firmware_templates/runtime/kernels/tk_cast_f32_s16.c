/* CAST, float32 to int16. */
#include "tk_cast_f32_s16.h"

void tk_cast_f32_s16(const tk_cast_f32_s16_params *p, const float *in, int16_t *out)
{
    const float *const end = in + p->count;

    while (in != end) {
        const float x = *in++;
        int16_t y = 0;
        if (x >= 32767.0f) {
            y = INT16_MAX;
        } else if (x > -32768.0f) {
            y = (int16_t)x;
        } else if (x <= -32768.0f) {
            y = INT16_MIN;
        }
        *out++ = y;
    }
}
