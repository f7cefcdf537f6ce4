/* CAST, uint32 to bool. */
#include "tk_cast_u32_bool.h"

void tk_cast_u32_bool(const tk_cast_u32_bool_params *p, const uint32_t *in, bool *out)
{
    const uint32_t *const end = in + p->count;

    while (in != end) {
        *out++ = *in++ != 0;
    }
}
