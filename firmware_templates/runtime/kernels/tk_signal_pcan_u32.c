/* Automatic gain control of each channel by its noise (PCAN), uint32. */
#include "tk_signal_pcan_u32.h"

/* A gain by a table of parabolas: four numbers, of which the last is not used, for each power of two from 2 on. */
static int32_t gain_of(uint32_t noise, const int16_t *gains)
{
    int32_t bits = 2;

    if (noise <= 2) {
        return gains[noise];
    }
    while (noise >> (bits - 1) > 1u) {
        bits++;
    }
    const int16_t *const parabola = gains + 4 * bits - 6;
    const uint32_t place = (bits < 11 ? noise << (11 - bits) : noise >> (bits - 11)) & 0x3FFu;
    const int32_t slope = ((parabola[2] * (int32_t)place) >> 5) + parabola[1] * 32;
    const int32_t product = (int32_t)((uint32_t)slope * place + (1u << 14)); /* wraps around */

    return (int16_t)((product >> 15) + parabola[0]);
}

void tk_signal_pcan_u32(const tk_signal_pcan_u32_params *p, const uint32_t *in, const uint32_t *noise,
                        const int16_t *gains, uint32_t *out)
{
    for (int32_t i = 0; i < p->channels; i++) {
        const uint32_t ratio = (uint32_t)((uint64_t)in[i] * (uint32_t)gain_of(noise[i], gains) >> p->snr_shift);

        /* x^2 / 4 below 2, x - 1 above; 12 fractional bits become 6 */
        out[i] = ratio < 2u << 12 ? ratio * ratio >> 20 : (ratio >> 6) - (1u << 6);
    }
}
