/* CAST, bool to int32. */
#include "tk_cast_bool_s32.h"

void tk_cast_bool_s32(const tk_cast_bool_s32_params *p, const bool *in, int32_t *out)
{
    const bool *const end = in + p->count;

    while (in != end) {
        *out++ = *in++ ? 1 : 0;
    }
}
