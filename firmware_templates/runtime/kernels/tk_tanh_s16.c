/* TANH, int16. The table's last interval is never reached: 1 from there on. */
#include "tk_tanh_s16.h"

void tk_tanh_s16(const tk_tanh_s16_params *p, const int16_t *in, int16_t *out)
{
    const uint16_t *const table = p->table;
    const int32_t multiplier = p->multiplier;
    const int32_t shift = p->shift;
    const int32_t round = shift > 0 ? (int32_t)1 << (shift - 1) : 0;
    const int16_t *const end = in + p->count;

    while (in != end) {
        const int32_t x = (*in++ * multiplier + round) >> shift;
        const uint32_t size = (uint32_t)(x < 0 ? -x : x);
        const uint32_t node = size >> 8;
        /* 2^23 / (1 + exp(-2x)), twice */
        int32_t y = (int32_t)0xFFFF << 8;
        if (node < 255) {
            y = (table[node] << 8) + (int32_t)(size & 0xFFu) * (table[node + 1] - table[node]);
        }
        y = x >= 0 ? y - (1 << 23) + (1 << 7) : -y + (1 << 23) + (1 << 7) - 1;
        *out++ = (int16_t)(y >> 8);
    }
}
