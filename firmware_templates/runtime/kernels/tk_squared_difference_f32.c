/* SQUARED_DIFFERENCE, float32. */
#include "tk_squared_difference_f32.h"

#include "tk_each_pair.h"

void tk_squared_difference_f32(const tk_squared_difference_f32_params *p, const float *a, const float *b, float *out)
{
    TK_EACH_PAIR(float, p, a, b, out, (x - y) * (x - y));
}
