/* CAST, int8 to int16. */
#include "tk_cast_s8_s16.h"

void tk_cast_s8_s16(const tk_cast_s8_s16_params *p, const int8_t *in, int16_t *out)
{
    const int8_t *const end = in + p->count;

    while (in != end) {
        *out++ = (int16_t)*in++;
    }
}
