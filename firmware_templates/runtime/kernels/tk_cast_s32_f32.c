/* CAST, int32 to float32. */
#include "tk_cast_s32_f32.h"

void tk_cast_s32_f32(const tk_cast_s32_f32_params *p, const int32_t *in, float *out)
{
    const int32_t *const end = in + p->count;

    while (in != end) {
        *out++ = (float)*in++;
    }
}
