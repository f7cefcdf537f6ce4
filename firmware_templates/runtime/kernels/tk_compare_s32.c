/* EQUAL, NOT_EQUAL, GREATER, GREATER_EQUAL, LESS, LESS_EQUAL, int32 as the numbers are. */
#include "tk_compare_s32.h"

#include "tk_each_pair.h"

void tk_compare_s32(const tk_compare_s32_params *p, const int32_t *a, const int32_t *b, bool *out)
{
    const uint32_t relation = p->relation;

    TK_EACH_PAIR(int32_t, p, a, b, out, (relation >> ((x >= y) + (x > y))) & 1);
}
