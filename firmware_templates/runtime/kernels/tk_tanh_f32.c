/* TANH, float32. */
#include "tk_tanh_f32.h"

#include <math.h>

void tk_tanh_f32(const tk_tanh_f32_params *p, const float *in, float *out)
{
    for (int32_t i = 0; i < p->count; i++) {
        out[i] = tanhf(in[i]);
    }
}
