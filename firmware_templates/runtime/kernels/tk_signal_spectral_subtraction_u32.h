/* Subtracts an estimate of the noise from each channel, uint32. */
#ifndef TK_SIGNAL_SPECTRAL_SUBTRACTION_U32_H
#define TK_SIGNAL_SPECTRAL_SUBTRACTION_U32_H

#include <stdint.h>

typedef struct {
    int32_t channels;
    uint32_t smoothing[2]; /* of channels of even and odd number */
    uint32_t one_minus_smoothing[2];
    uint32_t min_signal_remaining;
    int32_t smoothing_bits;
    int32_t bits; /* of the fractions above */
    int32_t clamping;
} tk_signal_spectral_subtraction_u32_params;

/* in, out, noise [channels], in and out may be the same memory; state: the estimate, kept from call to call */
void tk_signal_spectral_subtraction_u32(const tk_signal_spectral_subtraction_u32_params *p, const uint32_t *in, uint32_t *out,
                                        uint32_t *noise, void *state);

#endif
