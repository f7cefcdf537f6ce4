/* ADD and SUB, int32; wraps. */
#include "tk_add_s32.h"

#include "tk_common.h"
#include "tk_each_pair.h"

void tk_add_s32(const tk_add_s32_params *p, const int32_t *a, const int32_t *b, int32_t *out)
{
    const uint32_t sign_a = (uint32_t)p->sign_a;
    const uint32_t sign_b = (uint32_t)p->sign_b;
    const int32_t low = p->low;
    const int32_t high = p->high;

    TK_EACH_PAIR(int32_t, p, a, b, out, tk_clamp((int32_t)(sign_a * (uint32_t)x + sign_b * (uint32_t)y), low, high));
}
