/* DIV, float32. */
#include "tk_div_f32.h"

#include "tk_common.h"
#include "tk_each_pair.h"

void tk_div_f32(const tk_div_f32_params *p, const float *a, const float *b, float *out)
{
    const bool swapped = p->swapped;
    const float low = p->low;
    const float high = p->high;

    TK_EACH_PAIR(float, p, a, b, out, tk_clampf(swapped ? y / x : x / y, low, high));
}
