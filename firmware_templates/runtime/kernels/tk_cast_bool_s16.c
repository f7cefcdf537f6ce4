/* CAST, bool to int16. */
#include "tk_cast_bool_s16.h"

void tk_cast_bool_s16(const tk_cast_bool_s16_params *p, const bool *in, int16_t *out)
{
    const bool *const end = in + p->count;

    while (in != end) {
        *out++ = *in++ ? 1 : 0;
    }
}
