/* NEG, float32. */
#include "tk_neg_f32.h"

void tk_neg_f32(const tk_neg_f32_params *p, const float *in, float *out)
{
    const float *const end = in + p->count;

    while (in != end) {
        *out++ = -*in++;
    }
}
