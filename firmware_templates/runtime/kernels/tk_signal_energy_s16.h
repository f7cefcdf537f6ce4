/* Squared magnitudes of complex numbers, int16 to uint32. */
#ifndef TK_SIGNAL_ENERGY_S16_H
#define TK_SIGNAL_ENERGY_S16_H

#include <stdint.h>

typedef struct {
    int32_t count;
    int32_t start;
    int32_t end;
} tk_signal_energy_s16_params;

/* in [count]: pairs of real and imaginary part; out [count]: zeros before start and from end on */
void tk_signal_energy_s16(const tk_signal_energy_s16_params *p, const int16_t *in, uint32_t *out);

#endif
