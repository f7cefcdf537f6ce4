/* COS, float32. */
#include "tk_cos_f32.h"

#include <math.h>

void tk_cos_f32(const tk_cos_f32_params *p, const float *in, float *out)
{
    const float *const end = in + p->count;

    while (in != end) {
        *out++ = cosf(*in++);
    }
}
