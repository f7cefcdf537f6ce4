/* SVDF, float32, with a fused clamp. */
#include "tk_svdf_clamp_f32.h"

#include "tk_common.h"

void tk_svdf_clamp_f32(const tk_svdf_clamp_f32_params *p, const float *in, const float *feature, const float *time,
                      const float *bias, float *state, float *out)
{
    const int32_t count = p->sums.batches * p->sums.units;

    tk_svdf_f32(&p->sums, in, feature, time, bias, state, out);
    for (int32_t i = 0; i < count; i++) {
        out[i] = tk_clampf(out[i], p->low, p->high);
    }
}
