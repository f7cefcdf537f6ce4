/* CAST, uint32 to float32. */
#include "tk_cast_u32_f32.h"

void tk_cast_u32_f32(const tk_cast_u32_f32_params *p, const uint32_t *in, float *out)
{
    const uint32_t *const end = in + p->count;

    while (in != end) {
        *out++ = (float)*in++;
    }
}
