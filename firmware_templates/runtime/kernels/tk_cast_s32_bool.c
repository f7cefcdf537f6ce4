/* CAST, int32 to bool. */
#include "tk_cast_s32_bool.h"

void tk_cast_s32_bool(const tk_cast_s32_bool_params *p, const int32_t *in, bool *out)
{
    const int32_t *const end = in + p->count;

    while (in != end) {
        *out++ = *in++ != 0;
    }
}
