/* Divides all elements by a constant, in place, float32. */
#include "tk_divide_f32.h"

void tk_divide_f32(const tk_divide_f32_params *p, float *data)
{
    for (float *const end = data + p->count; data != end; data++) {
        *data /= p->divisor;
    }
}
