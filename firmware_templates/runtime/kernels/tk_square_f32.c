/* SQUARE, float32. */
#include "tk_square_f32.h"

void tk_square_f32(const tk_square_f32_params *p, const float *in, float *out)
{
    const float *const end = in + p->count;

    while (in != end) {
        const float x = *in++;
        *out++ = x * x;
    }
}
