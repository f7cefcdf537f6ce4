/* CAST, int8 to float32. */
#include "tk_cast_s8_f32.h"

void tk_cast_s8_f32(const tk_cast_s8_f32_params *p, const int8_t *in, float *out)
{
    const int8_t *const end = in + p->count;

    while (in != end) {
        *out++ = (float)*in++;
    }
}
