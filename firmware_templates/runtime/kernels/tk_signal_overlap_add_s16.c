/* Adds up frames that overlap, int16. */
#include "tk_signal_overlap_add_s16.h"

#include "tk_common.h"

void tk_signal_overlap_add_s16(const tk_signal_overlap_add_s16_params *p, const int16_t *in, int16_t *out, void *state)
{
    int16_t *sums = (int16_t *)state;
    const int32_t kept = p->size - p->step;

    for (int32_t row = 0; row < p->rows; row++, sums += kept) {
        for (int32_t frame = 0; frame < p->frames; frame++, in += p->size) {
            for (int32_t i = 0; i < p->size; i++) {
                const int16_t sum = (int16_t)tk_clamp(in[i] + (i < kept ? sums[i] : 0), INT16_MIN, INT16_MAX);

                if (i < p->step) {
                    *out++ = sum;
                } else {
                    sums[i - p->step] = sum;
                }
            }
        }
    }
}
