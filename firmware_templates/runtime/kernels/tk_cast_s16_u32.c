/* CAST, int16 to uint32. */
#include "tk_cast_s16_u32.h"

void tk_cast_s16_u32(const tk_cast_s16_u32_params *p, const int16_t *in, uint32_t *out)
{
    const int16_t *const end = in + p->count;

    while (in != end) {
        *out++ = (uint32_t)*in++;
    }
}
