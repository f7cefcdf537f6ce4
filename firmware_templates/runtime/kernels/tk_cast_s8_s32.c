/* CAST, int8 to int32. */
#include "tk_cast_s8_s32.h"

void tk_cast_s8_s32(const tk_cast_s8_s32_params *p, const int8_t *in, int32_t *out)
{
    const int8_t *const end = in + p->count;

    while (in != end) {
        *out++ = (int32_t)*in++;
    }
}
