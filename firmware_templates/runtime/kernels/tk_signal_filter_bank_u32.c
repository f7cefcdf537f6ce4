/* A bank of triangular filters over a spectrum, uint32 to uint64. */
#include "tk_signal_filter_bank_u32.h"

void tk_signal_filter_bank_u32(const tk_signal_filter_bank_u32_params *p, const uint32_t *in, const int16_t *weights,
                               const int16_t *unweights, uint64_t *out)
{
    uint64_t rising = 0, falling = 0;

    for (int32_t channel = 0; channel <= p->channels; channel++) {
        const uint32_t *const from = in + p->starts[channel];
        const int16_t *const weight = weights + p->weight_starts[channel];
        const int16_t *const unweight = unweights + p->weight_starts[channel];

        for (int32_t i = 0; i < p->widths[channel]; i++) {
            rising += (uint64_t)(weight[i] * (int64_t)from[i]);
            falling += (uint64_t)(unweight[i] * (int64_t)from[i]);
        }
        if (channel > 0) { /* what falls from the first filter on is all that is wanted of it */
            out[channel - 1] = rising;
        }
        rising = falling;
        falling = 0;
    }
}
