/* CAST, int16 to bool. */
#include "tk_cast_s16_bool.h"

void tk_cast_s16_bool(const tk_cast_s16_bool_params *p, const int16_t *in, bool *out)
{
    const int16_t *const end = in + p->count;

    while (in != end) {
        *out++ = *in++ != 0;
    }
}
