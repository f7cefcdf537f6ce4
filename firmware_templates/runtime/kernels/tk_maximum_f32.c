/* MAXIMUM and MINIMUM, float32. */
#include "tk_maximum_f32.h"

#include "tk_each_pair.h"

/* The second where one is NaN, as TFLite does. */
static inline float choose(float first, float second, float sign)
{
    return sign * first > sign * second ? first : second;
}

void tk_maximum_f32(const tk_maximum_f32_params *p, const float *a, const float *b, float *out)
{
    const float sign = p->sign;
    const bool swapped = p->swapped;

    TK_EACH_PAIR(float, p, a, b, out, choose(swapped ? y : x, swapped ? x : y, sign));
}
