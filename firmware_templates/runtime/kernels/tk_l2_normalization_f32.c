/* L2_NORMALIZATION, float32: rows of length 1, unless they are nearly 0. */
#include "tk_l2_normalization_f32.h"

#include <math.h>

void tk_l2_normalization_f32(const tk_l2_normalization_f32_params *p, const float *in, float *out)
{
    const int32_t depth = p->depth;

    for (int32_t row = 0; row < p->rows; row++) {
        float length = 0.0f;

        for (int32_t i = 0; i < depth; i++) {
            length += in[i] * in[i];
        }
        length = sqrtf(length);
        length = length < 1e-6f ? 1e-6f : length;
        for (int32_t i = 0; i < depth; i++) {
            out[i] = in[i] / length;
        }
        in += depth;
        out += depth;
    }
}
