/* CAST, int16 to float32. */
#include "tk_cast_s16_f32.h"

void tk_cast_s16_f32(const tk_cast_s16_f32_params *p, const int16_t *in, float *out)
{
    const int16_t *const end = in + p->count;

    while (in != end) {
        *out++ = (float)*in++;
    }
}
