/* ADD and SUB, float32. */
#include "tk_add_f32.h"

#include "tk_common.h"

void tk_add_f32(const tk_add_f32_params *p, const float *a, const float *b, float *out)
{
    const float sign_a = p->sign_a;
    const float sign_b = p->sign_b;
    const int32_t step_b = p->step_b;
    const float low = p->low;
    const float high = p->high;
    tk_broadcast at = {{0}, 0, 0};

    do {
        const float *x = a + at.a;
        const float *y = b + at.b;
        const float *const end = x + p->row;
        for (; x != end; y += step_b) {
            *out++ = tk_clampf(sign_a * *x++ + sign_b * *y, low, high);
        }
    } while (tk_broadcast_next(&at, p->count, p->stride_a, p->stride_b));
}
