/* FLOOR_MOD, float32: the remainder has the sign of the divisor. */
#include "tk_floor_mod_f32.h"

#include <math.h>

#include "tk_each_pair.h"

static float modulo(float x, float y)
{
    const float remainder = fmodf(x, y);
    const bool other_sign = (y < 0.0f) != (remainder < 0.0f);
    return remainder != 0.0f && other_sign ? remainder + y : remainder;
}

void tk_floor_mod_f32(const tk_floor_mod_f32_params *p, const float *a, const float *b, float *out)
{
    const bool swapped = p->swapped;

    TK_EACH_PAIR(float, p, a, b, out, modulo(swapped ? y : x, swapped ? x : y));
}
