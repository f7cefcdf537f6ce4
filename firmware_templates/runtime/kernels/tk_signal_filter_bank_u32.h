/* A bank of triangular filters over a spectrum, uint32 to uint64. */
#ifndef TK_SIGNAL_FILTER_BANK_U32_H
#define TK_SIGNAL_FILTER_BANK_U32_H

#include <stdint.h>

typedef struct {
    int32_t channels;
    const int16_t *starts; /* [channels + 1] in the spectrum; of filters without width 0 */
    const int16_t *weight_starts; /* [channels + 1] */
    const int16_t *widths; /* [channels + 1] */
} tk_signal_filter_bank_u32_params;

/* in [frequencies], weights and unweights as far as the filters need, out [channels] */
void tk_signal_filter_bank_u32(const tk_signal_filter_bank_u32_params *p, const uint32_t *in, const int16_t *weights,
                               const int16_t *unweights, uint64_t *out);

#endif
