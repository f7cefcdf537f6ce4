/* Loops over broadcast operands: an odometer. */
#include "tk_broadcast.h"

bool tk_broadcast_next(tk_broadcast *at, const int32_t *count, const int32_t *stride_a, const int32_t *stride_b)
{
    for (int d = 0; d < TK_BROADCAST_DIMS; d++) {
        at->a += stride_a[d];
        at->b += stride_b[d];
        if (++at->index[d] < count[d]) {
            return true;
        }
        at->a -= stride_a[d] * count[d];
        at->b -= stride_b[d] * count[d];
        at->index[d] = 0;
    }
    return false;
}
