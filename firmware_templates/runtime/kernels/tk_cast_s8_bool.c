/* CAST, int8 to bool. */
#include "tk_cast_s8_bool.h"

void tk_cast_s8_bool(const tk_cast_s8_bool_params *p, const int8_t *in, bool *out)
{
    const int8_t *const end = in + p->count;

    while (in != end) {
        *out++ = *in++ != 0;
    }
}
