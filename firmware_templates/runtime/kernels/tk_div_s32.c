/* DIV, int32, towards 0; by 0 gives 0. */
#include "tk_div_s32.h"

#include "tk_common.h"
#include "tk_each_pair.h"

/* Also what C leaves undefined: by 0, and INT32_MIN / -1. */
TK_INLINE int32_t divide(int32_t x, int32_t y)
{
    if (y == 0) {
        return 0;
    }
    return y == -1 ? (int32_t)(0u - (uint32_t)x) : x / y;
}

void tk_div_s32(const tk_div_s32_params *p, const int32_t *a, const int32_t *b, int32_t *out)
{
    const bool swapped = p->swapped;
    const int32_t low = p->low;
    const int32_t high = p->high;

    TK_EACH_PAIR(int32_t, p, a, b, out, tk_clamp(divide(swapped ? y : x, swapped ? x : y), low, high));
}
