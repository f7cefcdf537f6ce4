/* True at every n-th call. */
#include "tk_every_nth.h"

void tk_every_nth(const tk_every_nth_params *p, bool *out, void *state)
{
    int32_t *const calls = (int32_t *)state;

    *out = ++*calls == p->n;
    if (*out) {
        *calls = 0;
    }
}
