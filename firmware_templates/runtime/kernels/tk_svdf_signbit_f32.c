/* SVDF, float32, with a fused SIGN_BIT: 1 for negative numbers, else 0. */
#include "tk_svdf_signbit_f32.h"

#include <math.h>

void tk_svdf_signbit_f32(const tk_svdf_signbit_f32_params *p, const float *in, const float *feature, const float *time,
                      const float *bias, float *state, float *out)
{
    const int32_t count = p->sums.batches * p->sums.units;

    tk_svdf_f32(&p->sums, in, feature, time, bias, state, out);
    for (int32_t i = 0; i < count; i++) {
        out[i] = signbit(out[i]) ? 1.0f : 0.0f;
    }
}
