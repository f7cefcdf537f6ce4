/* ROUND, float32. A difference of exactly one half exists only where floats are much smaller than int's range. */
#include "tk_round_f32.h"

#include <math.h>

void tk_round_f32(const tk_round_f32_params *p, const float *in, float *out)
{
    const float *const end = in + p->count;

    while (in != end) {
        const float x = *in++;
        const float down = floorf(x);
        const float rest = x - down;
        *out++ = rest < 0.5f || (rest == 0.5f && (int32_t)down % 2 == 0) ? down : down + 1.0f;
    }
}
