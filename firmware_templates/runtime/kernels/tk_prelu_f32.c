/* PRELU, float32. */
#include "tk_prelu_f32.h"

void tk_prelu_f32(const tk_prelu_f32_params *p, const float *x, const float *alpha, float *out)
{
    const int32_t step = p->step_b;
    tk_broadcast at = {{0}, 0, 0};

    do {
        const float *from = x + at.a;
        const float *by = alpha + at.b;
        const float *const end = from + p->row;
        for (; from != end; by += step) {
            const float value = *from++;
            *out++ = value >= 0.0f ? value : value * *by;
        }
    } while (tk_broadcast_next(&at, p->count, p->stride_a, p->stride_b));
}
