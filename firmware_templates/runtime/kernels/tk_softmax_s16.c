/* SOFTMAX, int16. Results are those of TFLite's reference/softmax.h: exp() and the division are looked up in tables, with
 * straight lines between their entries. */
#include "tk_softmax_s16.h"

#include "tk_common.h"

/* A function at x, -32768 to 32767 from end to end of its table. */
static int32_t look_up(const int16_t *table, int32_t x)
{
    const int16_t *const at = table + ((x + 32768) >> 7);
    return at[0] + (((at[1] - at[0]) * (x & 0x7f) + 64) >> 7);
}

void tk_softmax_s16(const tk_softmax_s16_params *p, const int16_t *in, int16_t *out)
{
    const int32_t depth = p->depth;

    for (int32_t row = 0; row < p->rows; row++) {
        int32_t max = INT16_MIN;
        uint32_t sum = 0; /* Q16.15 */

        for (int32_t i = 0; i < depth; i++) {
            max = in[i] > max ? in[i] : max;
        }
        for (int32_t i = 0; i < depth; i++) {
            const uint32_t scaled = (uint32_t)tk_requantize(in[i] - max, p->multiplier, p->shift) + 32767u;
            const int32_t e = look_up(p->exps, tk_clamp((int32_t)scaled, INT16_MIN, INT16_MAX));
            out[i] = (int16_t)e;
            sum += (uint32_t)e;
        }

        /* sum = (1 + a) * 2^(30 - headroom) */
        int32_t right = 30;
        while (!(sum & 0x40000000u)) {
            sum <<= 1;
            right--;
        }
        const int32_t a = (int32_t)((sum + (1u << 13)) >> 14) - ((1 << 15) + (1 << 16));
        const int32_t reciprocal = look_up(p->reciprocals, tk_clamp(a, INT16_MIN, INT16_MAX));

        for (int32_t i = 0; i < depth; i++) {
            const int32_t y = (out[i] * reciprocal + (1 << (right - 1))) >> right;
            out[i] = (int16_t)tk_clamp(y, 0, INT16_MAX);
        }
        in += depth;
        out += depth;
    }
}
