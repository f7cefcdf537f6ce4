/* RSQRT, float32. */
#include "tk_rsqrt_f32.h"

#include <math.h>

void tk_rsqrt_f32(const tk_rsqrt_f32_params *p, const float *in, float *out)
{
    const float *const end = in + p->count;

    while (in != end) {
        *out++ = 1.0f / sqrtf(*in++);
    }
}
