/* RELU, float32. */
#include "tk_relu_f32.h"

void tk_relu_f32(const tk_relu_f32_params *p, const float *in, float *out)
{
    const float *const end = in + p->count;

    while (in != end) {
        const float x = *in++;
        *out++ = x < 0.0f ? 0.0f : x;
    }
}
