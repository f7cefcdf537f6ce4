/* EQUAL, NOT_EQUAL, GREATER, GREATER_EQUAL, LESS, LESS_EQUAL, float32. */
#include "tk_compare_f32.h"

#include "tk_each_pair.h"

void tk_compare_f32(const tk_compare_f32_params *p, const float *a, const float *b, bool *out)
{
    const uint32_t relation = p->relation;

    TK_EACH_PAIR(float, p, a, b, out, (relation >> (x < y ? 0 : x == y ? 1 : x > y ? 2 : 3)) & 1);
}
