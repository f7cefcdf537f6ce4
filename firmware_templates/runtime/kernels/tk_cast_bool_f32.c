/* CAST, bool to float32. */
#include "tk_cast_bool_f32.h"

void tk_cast_bool_f32(const tk_cast_bool_f32_params *p, const bool *in, float *out)
{
    const bool *const end = in + p->count;

    while (in != end) {
        *out++ = *in++ ? 1.0f : 0.0f;
    }
}
