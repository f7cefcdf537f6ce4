/* SVDF, float32: portable C. */
#include "tk_svdf_f32.h"

static void remember(const tk_svdf_f32_params *p, const float *in, const float *feature, float *state)
{
    const int32_t last = p->memory - 1;

    for (int32_t batch = 0; batch < p->batches; batch++) {
        const float *w = feature;
        for (int32_t filter = p->units * p->rank; filter > 0; filter--) {
            float sum = 0.0f;
            for (int32_t i = 0; i < p->inputs; i++) {
                sum += *w++ * in[i];
            }
            for (int32_t i = 0; i < last; i++) {
                state[i] = state[i + 1];
            }
            state[last] = sum;
            state += p->memory;
        }
        in += p->inputs;
    }
}

void tk_svdf_f32(const tk_svdf_f32_params *p, const float *in, const float *feature, const float *time,
                 const float *bias, float *state, float *out)
{
    remember(p, in, feature, state);
    for (int32_t batch = 0; batch < p->batches; batch++) {
        const float *w = time;
        for (int32_t unit = 0; unit < p->units; unit++) {
            float total = bias[unit];
            for (int32_t filter = 0; filter < p->rank; filter++) {
                float sum = 0.0f;
                for (int32_t i = 0; i < p->memory; i++) {
                    sum += *w++ * *state++;
                }
                total += sum;
            }
            *out++ = total;
        }
    }
}
