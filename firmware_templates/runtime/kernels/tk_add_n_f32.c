/* ADD_N, float32: inputs are added in their order. */
#include "tk_add_n_f32.h"

#include <stdarg.h>

#define BLOCK 16

void tk_add_n_f32(const tk_add_n_f32_params *p, float *out, ...)
{
    for (int32_t at = 0; at < p->count; at += BLOCK) {
        const int32_t n = p->count - at < BLOCK ? p->count - at : BLOCK;
        float sums[BLOCK] = {0};
        va_list inputs;

        va_start(inputs, out);
        for (int32_t i = 0; i < p->inputs; i++) {
            const float *in = va_arg(inputs, const void *);
            for (int32_t k = 0; k < n; k++) {
                sums[k] += in[at + k];
            }
        }
        va_end(inputs);
        for (int32_t k = 0; k < n; k++) {
            out[at + k] = sums[k];
        }
    }
}
