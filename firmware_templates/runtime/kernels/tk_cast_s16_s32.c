/* CAST, int16 to int32. */
#include "tk_cast_s16_s32.h"

void tk_cast_s16_s32(const tk_cast_s16_s32_params *p, const int16_t *in, int32_t *out)
{
    const int16_t *const end = in + p->count;

    while (in != end) {
        *out++ = (int32_t)*in++;
    }
}
