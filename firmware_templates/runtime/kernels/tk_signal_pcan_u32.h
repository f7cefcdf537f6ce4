/* Automatic gain control of each channel by its noise (PCAN), uint32. */
#ifndef TK_SIGNAL_PCAN_U32_H
#define TK_SIGNAL_PCAN_U32_H

#include <stdint.h>

typedef struct {
    int32_t channels;
    int32_t snr_shift; /* 0..63 */
} tk_signal_pcan_u32_params;

/* in, noise, out [channels], out may be the memory of either; gains [125] */
void tk_signal_pcan_u32(const tk_signal_pcan_u32_params *p, const uint32_t *in, const uint32_t *noise,
                        const int16_t *gains, uint32_t *out);

#endif
