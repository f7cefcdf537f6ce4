/* Subtracts an estimate of the noise from each channel, uint32. */
#include "tk_signal_spectral_subtraction_u32.h"

void tk_signal_spectral_subtraction_u32(const tk_signal_spectral_subtraction_u32_params *p, const uint32_t *in, uint32_t *out,
                                        uint32_t *noise, void *state)
{
    uint32_t *const estimates = (uint32_t *)state;

    for (int32_t i = 0; i < p->channels; i++) {
        const uint32_t in_i = in[i], scaled = in_i << p->smoothing_bits;
        uint32_t estimate = (uint32_t)(((uint64_t)scaled * p->smoothing[i & 1] +
                                        (uint64_t)estimates[i] * p->one_minus_smoothing[i & 1]) >>
                                       p->bits);
        const uint32_t floor = (uint32_t)(((uint64_t)in_i * p->min_signal_remaining) >> p->bits);
        const uint32_t taken = estimate > scaled ? scaled : estimate;
        const uint32_t left = (scaled - taken) >> p->smoothing_bits;

        if (p->clamping) {
            estimate = taken;
        }
        estimates[i] = estimate;
        noise[i] = estimate;
        out[i] = left > floor ? left : floor;
    }
}
