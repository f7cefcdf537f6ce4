/* CAST, int32 to int8. */
#include "tk_cast_s32_s8.h"

void tk_cast_s32_s8(const tk_cast_s32_s8_params *p, const int32_t *in, int8_t *out)
{
    const int32_t *const end = in + p->count;

    while (in != end) {
        *out++ = (int8_t)*in++;
    }
}
