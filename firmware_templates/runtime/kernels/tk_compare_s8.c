/* EQUAL, NOT_EQUAL, GREATER, GREATER_EQUAL, LESS, LESS_EQUAL, int8 as the numbers are. */
#include "tk_compare_s8.h"

#include "tk_each_pair.h"

void tk_compare_s8(const tk_compare_s8_params *p, const int8_t *a, const int8_t *b, bool *out)
{
    const uint32_t relation = p->relation;

    TK_EACH_PAIR(int8_t, p, a, b, out, (relation >> ((x >= y) + (x > y))) & 1);
}
