/* A bank of triangular filters over a spectrum, uint32 to uint64. */
#ifndef TK_SIGNAL_FILTER_BANK_U32_H
#define TK_SIGNAL_FILTER_BANK_U32_H

#include <stdint.h>

typedef struct {
    int32_t channels;
} tk_signal_filter_bank_u32_params;

/* in [frequencies], starts, weight_starts and widths [channels + 1], out [channels] */
void tk_signal_filter_bank_u32(const tk_signal_filter_bank_u32_params *p, const uint32_t *in, const int16_t *weights,
                              const int16_t *unweights, const int16_t *starts, const int16_t *weight_starts,
                              const int16_t *widths, uint64_t *out);

#endif
