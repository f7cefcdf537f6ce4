/* BROADCAST_ARGS, int32: the shape that two shapes broadcast to. Sizes that do not match give the first. */
#include "tk_broadcast_args_s32.h"

void tk_broadcast_args_s32(const tk_broadcast_args_s32_params *p, const int32_t *a, const int32_t *b, int32_t *out)
{
    for (int32_t i = 1; i <= p->count; i++) {
        const int32_t x = i <= p->first ? a[p->first - i] : 1;
        const int32_t y = i <= p->second ? b[p->second - i] : 1;
        out[p->count - i] = x == 1 ? y : x;
    }
}
