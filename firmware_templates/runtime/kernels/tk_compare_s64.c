/* EQUAL, NOT_EQUAL, GREATER, GREATER_EQUAL, LESS, LESS_EQUAL, int64 as the numbers are. */
#include "tk_compare_s64.h"

#include "tk_each_pair.h"

void tk_compare_s64(const tk_compare_s64_params *p, const int64_t *a, const int64_t *b, bool *out)
{
    const uint32_t relation = p->relation;

    TK_EACH_PAIR(int64_t, p, a, b, out, (relation >> ((x >= y) + (x > y))) & 1);
}
