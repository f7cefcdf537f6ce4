/* LOGISTIC, float32. The cut-offs are TFLite's (reference/logistic.h): 1 from where float cannot tell the
 * difference, exp(x) where 1 + exp(-x) is exp(-x) to within the result's precision. */
#include "tk_logistic_f32.h"

#include <math.h>

void tk_logistic_f32(const tk_logistic_f32_params *p, const float *in, float *out)
{
    for (int32_t i = 0; i < p->count; i++) {
        const float x = in[i];
        if (x > 16.619047164916992188f) {
            out[i] = 1.0f;
        } else if (x < -9.0f) {
            out[i] = expf(x);
        } else {
            out[i] = 1.0f / (1.0f + expf(-x));
        }
    }
}
