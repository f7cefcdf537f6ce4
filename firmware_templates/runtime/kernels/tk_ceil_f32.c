/* CEIL, float32. */
#include "tk_ceil_f32.h"

#include <math.h>

void tk_ceil_f32(const tk_ceil_f32_params *p, const float *in, float *out)
{
    const float *const end = in + p->count;

    while (in != end) {
        *out++ = ceilf(*in++);
    }
}
