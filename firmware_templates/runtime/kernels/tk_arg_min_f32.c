/* ARG_MIN, float32: portable C. */
#include "tk_arg_min_f32.h"

void tk_arg_min_f32(const tk_arg_min_f32_params *p, const float *in, int32_t *out)
{
    for (int32_t outer = 0; outer < p->outer; outer++) {
        for (int32_t inner = 0; inner < p->inner; inner++) {
            const float *at = in + inner;
            float best = *at;
            int32_t index = 0;

            for (int32_t i = 1; i < p->size; i++) {
                at += p->inner;
                if (*at < best) {
                    best = *at;
                    index = i;
                }
            }
            *out++ = index;
        }
        in += p->size * p->inner;
    }
}
