/* SQUARED_DIFFERENCE, int32; wraps. */
#include "tk_squared_difference_s32.h"

#include "tk_each_pair.h"

void tk_squared_difference_s32(const tk_squared_difference_s32_params *p, const int32_t *a, const int32_t *b, int32_t *out)
{
    TK_EACH_PAIR(int32_t, p, a, b, out,
                 (int32_t)(((uint32_t)x - (uint32_t)y) * ((uint32_t)x - (uint32_t)y)));
}
