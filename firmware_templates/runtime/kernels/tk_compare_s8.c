/* EQUAL, NOT_EQUAL, GREATER, GREATER_EQUAL, LESS, LESS_EQUAL, int8 as the numbers are, and bool. */
#include "tk_compare_s8.h"

#include "tk_each_pair.h"

void tk_compare_s8(const tk_compare_s8_params *p, const void *a, const void *b, bool *out)
{
    const uint32_t relation = p->relation;
    const int8_t *const first = a;
    const int8_t *const second = b;

    TK_EACH_PAIR(int8_t, p, first, second, out, (relation >> ((x >= y) + (x > y))) & 1);
}
