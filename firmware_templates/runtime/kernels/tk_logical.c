/* LOGICAL_AND and LOGICAL_OR. */
#include "tk_logical.h"

#include "tk_each_pair.h"

void tk_logical(const tk_logical_params *p, const bool *a, const bool *b, bool *out)
{
    const int32_t least = p->least;

    TK_EACH_PAIR(bool, p, a, b, out, x + y >= least);
}
