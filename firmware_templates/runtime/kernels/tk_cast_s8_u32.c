/* CAST, int8 to uint32. */
#include "tk_cast_s8_u32.h"

void tk_cast_s8_u32(const tk_cast_s8_u32_params *p, const int8_t *in, uint32_t *out)
{
    const int8_t *const end = in + p->count;

    while (in != end) {
        *out++ = (uint32_t)*in++;
    }
}
