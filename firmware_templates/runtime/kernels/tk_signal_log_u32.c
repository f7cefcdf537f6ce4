/* Natural logarithms, uint32 to int16, by a table. */
#include "tk_signal_log_u32.h"

/* The natural logarithm with 16 fractional bits. */
static uint32_t log_of(uint32_t x, const uint16_t *curve)
{
    uint32_t whole = 0;

    while (x >> whole > 1u) {
        whole++;
    }
    const uint32_t rest = x - ((uint32_t)1 << whole);
    const uint32_t fraction = whole < 16 ? rest << (16 - whole) : rest >> (whole - 16);
    const uint16_t *const at = curve + (fraction >> 9);
    const int32_t between = ((at[1] - at[0]) * (int32_t)(fraction & 511u)) >> 16;
    const uint32_t log2 = (whole << 16) + fraction + (uint32_t)(at[0] + between);

    return (uint32_t)((45426u * (uint64_t)log2 + (1u << 15)) >> 16); /* 45426 / 65536 is the logarithm of 2 */
}

void tk_signal_log_u32(const tk_signal_log_u32_params *p, const uint32_t *in, int16_t *out)
{
    for (int32_t i = 0; i < p->count; i++) {
        const uint32_t x = in[i] << p->correction_bits;
        const uint32_t log = x > 1 ? (p->scale * log_of(x, p->curve) + (1u << 15)) >> 16 : 0;

        out[i] = (int16_t)(log < INT16_MAX ? log : INT16_MAX);
    }
}
