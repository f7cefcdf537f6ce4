/* ELU, float32. */
#include "tk_elu_f32.h"

#include <math.h>

void tk_elu_f32(const tk_elu_f32_params *p, const float *in, float *out)
{
    const float *const end = in + p->count;

    while (in != end) {
        const float x = *in++;
        *out++ = x < 0.0f ? expm1f(x) : x;
    }
}
