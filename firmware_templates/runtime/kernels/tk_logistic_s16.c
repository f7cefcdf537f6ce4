/* LOGISTIC, int16. The table's last interval is never reached: 1 from there on. */
#include "tk_logistic_s16.h"

void tk_logistic_s16(const tk_logistic_s16_params *p, const int16_t *in, int16_t *out)
{
    const uint16_t *const table = p->table;
    const int32_t multiplier = p->multiplier;
    const int32_t shift = p->shift;
    const int32_t round = shift > 0 ? (int32_t)1 << (shift - 1) : 0;
    const int16_t *const end = in + p->count;

    while (in != end) {
        const int32_t x = (*in++ * multiplier + round) >> shift;
        const uint32_t size = (uint32_t)(x < 0 ? -x : x);
        const uint32_t node = size >> 9;
        /* in 1/2^25 */
        uint32_t y = (uint32_t)0x7FFF << 10;
        if (node < 255) {
            y = ((uint32_t)table[node] << 9) + (size & 0x1FFu) * (uint32_t)(table[node + 1] - table[node]);
        }
        y = x >= 0 ? y + (1u << 9) : (1u << 25) - y + (1u << 9) - 1u;
        *out++ = (int16_t)(y >> 10);
    }
}
