/* LEAKY_RELU, float32. alpha may be negative or above 1, so this is no maximum of two lines. */
#include "tk_leaky_relu_f32.h"

void tk_leaky_relu_f32(const tk_leaky_relu_f32_params *p, const float *in, float *out)
{
    const float alpha = p->alpha;
    const float *const end = in + p->count;

    while (in != end) {
        const float x = *in++;
        *out++ = x > 0.0f ? x : x * alpha;
    }
}
