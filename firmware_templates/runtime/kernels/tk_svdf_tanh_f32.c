/* SVDF, float32, with a fused TANH. */
#include "tk_svdf_tanh_f32.h"

#include <math.h>

void tk_svdf_tanh_f32(const tk_svdf_tanh_f32_params *p, const float *in, const float *feature, const float *time,
                      const float *bias, float *state, float *out)
{
    const int32_t count = p->sums.batches * p->sums.units;

    tk_svdf_f32(&p->sums, in, feature, time, bias, state, out);
    for (int32_t i = 0; i < count; i++) {
        out[i] = tanhf(out[i]);
    }
}
