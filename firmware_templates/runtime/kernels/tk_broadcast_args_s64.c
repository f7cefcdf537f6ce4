/* BROADCAST_ARGS, int64: the shape that two shapes broadcast to. Sizes that do not match give the first. */
#include "tk_broadcast_args_s64.h"

void tk_broadcast_args_s64(const tk_broadcast_args_s64_params *p, const int64_t *a, const int64_t *b, int64_t *out)
{
    for (int32_t i = 1; i <= p->count; i++) {
        const int64_t x = i <= p->first ? a[p->first - i] : 1;
        const int64_t y = i <= p->second ? b[p->second - i] : 1;
        out[p->count - i] = x == 1 ? y : x;
    }
}
