/* SIN, float32. */
#include "tk_sin_f32.h"

#include <math.h>

void tk_sin_f32(const tk_sin_f32_params *p, const float *in, float *out)
{
    const float *const end = in + p->count;

    while (in != end) {
        *out++ = sinf(*in++);
    }
}
