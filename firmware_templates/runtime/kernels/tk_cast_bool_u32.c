/* CAST, bool to uint32. */
#include "tk_cast_bool_u32.h"

void tk_cast_bool_u32(const tk_cast_bool_u32_params *p, const bool *in, uint32_t *out)
{
    const bool *const end = in + p->count;

    while (in != end) {
        *out++ = *in++ ? 1u : 0u;
    }
}
