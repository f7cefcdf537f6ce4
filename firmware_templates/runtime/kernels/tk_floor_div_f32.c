/* FLOOR_DIV, float32: the quotient in double precision, rounded down. */
#include "tk_floor_div_f32.h"

#include <math.h>

#include "tk_each_pair.h"

void tk_floor_div_f32(const tk_floor_div_f32_params *p, const float *a, const float *b, float *out)
{
    const bool swapped = p->swapped;

    TK_EACH_PAIR(float, p, a, b, out, (float)floor(swapped ? (double)y / (double)x : (double)x / (double)y));
}
