/* LOG_SOFTMAX, float32. The row's maximum is subtracted first so that exp() cannot overflow. */
#include "tk_log_softmax_f32.h"

#include <float.h>
#include <math.h>

void tk_log_softmax_f32(const tk_log_softmax_f32_params *p, const float *in, float *out)
{
    const int32_t depth = p->depth;

    for (int32_t row = 0; row < p->rows; row++) {
        float max = -FLT_MAX;
        float sum = 0.0f;

        for (int32_t i = 0; i < depth; i++) {
            max = in[i] > max ? in[i] : max;
        }
        for (int32_t i = 0; i < depth; i++) {
            sum += expf(in[i] - max);
        }
        sum = logf(sum);
        for (int32_t i = 0; i < depth; i++) {
            out[i] = in[i] - max - sum;
        }
        in += depth;
        out += depth;
    }
}
