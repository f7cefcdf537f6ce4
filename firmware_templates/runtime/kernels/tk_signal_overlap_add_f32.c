/* Adds up frames that overlap, float32. */
#include "tk_signal_overlap_add_f32.h"

void tk_signal_overlap_add_f32(const tk_signal_overlap_add_f32_params *p, const float *in, float *out, void *state)
{
    float *sums = (float *)state;
    const int32_t kept = p->size - p->step;

    for (int32_t row = 0; row < p->rows; row++, sums += kept) {
        for (int32_t frame = 0; frame < p->frames; frame++, in += p->size) {
            for (int32_t i = 0; i < p->size; i++) {
                const float sum = in[i] + (i < kept ? sums[i] : 0.0f);

                if (i < p->step) {
                    *out++ = sum;
                } else {
                    sums[i - p->step] = sum;
                }
            }
        }
    }
}
