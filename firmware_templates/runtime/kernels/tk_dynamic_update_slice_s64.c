/* DYNAMIC_UPDATE_SLICE, start in int64: moved so that the update lies within the operand. */
#include "tk_dynamic_update_slice_s64.h"

void tk_dynamic_update_slice_s64(const tk_dynamic_update_slice_s64_params *p, const void *operand, const void *update,
                                 const int64_t *start, void *out)
{
    int32_t offset = 0;

    for (int32_t d = 0; d < p->dimensions; d++) {
        const int64_t at = start[d] < 0 ? 0 : start[d];
        offset += (at < p->room[d] ? (int32_t)at : p->room[d]) * p->stride[d];
    }
    tk_update_slice(p, operand, update, offset, out);
}
