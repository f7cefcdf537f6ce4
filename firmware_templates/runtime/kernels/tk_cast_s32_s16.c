/* CAST, int32 to int16. */
#include "tk_cast_s32_s16.h"

void tk_cast_s32_s16(const tk_cast_s32_s16_params *p, const int32_t *in, int16_t *out)
{
    const int32_t *const end = in + p->count;

    while (in != end) {
        *out++ = (int16_t)*in++;
    }
}
