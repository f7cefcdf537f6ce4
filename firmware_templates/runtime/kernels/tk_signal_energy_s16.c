/* Squared magnitudes of complex numbers, int16 to uint32. */
#include "tk_signal_energy_s16.h"

void tk_signal_energy_s16(const tk_signal_energy_s16_params *p, const int16_t *in, uint32_t *out)
{
    for (int32_t i = 0; i < p->count; i++) {
        const int32_t real = in[2 * i], imaginary = in[2 * i + 1];

        out[i] = i < p->start || i >= p->end ? 0 : (uint32_t)(real * real) + (uint32_t)(imaginary * imaginary);
    }
}
