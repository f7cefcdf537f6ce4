/* FLOOR, float32. */
#include "tk_floor_f32.h"

#include <math.h>

void tk_floor_f32(const tk_floor_f32_params *p, const float *in, float *out)
{
    const float *const end = in + p->count;

    while (in != end) {
        *out++ = floorf(*in++);
    }
}
