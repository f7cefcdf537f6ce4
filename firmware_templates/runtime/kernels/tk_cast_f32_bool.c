/* CAST, float32 to bool. */
#include "tk_cast_f32_bool.h"

void tk_cast_f32_bool(const tk_cast_f32_bool_params *p, const float *in, bool *out)
{
    const float *const end = in + p->count;

    while (in != end) {
        *out++ = *in++ != 0.0f;
    }
}
