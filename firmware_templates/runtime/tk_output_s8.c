/* From 32-bit sums to int8 outputs. Shared, not inlined: at 4 to 8 sums a call it costs about three instructions an
 * output, and saves several hundred bytes in every kernel.
 *
 * The arithmetic is tk_requantize's, with the zero point folded into the last rounding: (t + 1 + 2 * zero_point) >> 1
 * is ((t + 1) >> 1) + zero_point. The compiler has refused layers whose sums come within 2^16 of the ends of int32,
 * so that addition cannot overflow.
 */
#include "tk_output_s8.h"

/* One output; `rounding` is 1 + 2 * zero_point. */
TK_INLINE int8_t output_of(const tk_output_s8 *output, int32_t sum, int32_t multiplier, int32_t left, int32_t rounding)
{
    int32_t y;

    if (left < 0) {
        const int32_t product = tk_doubling_high_mul(sum, multiplier);
        y = (((product + (product >> 31)) >> (-left - 1)) + rounding) >> 1;
    } else {
        y = tk_doubling_high_mul((int32_t)((uint32_t)sum << left), multiplier) + (rounding >> 1);
    }
    return (int8_t)tk_clamp(y, output->clamp_min, output->clamp_max);
}

void tk_write_s8(const tk_output_s8 *output, int32_t channel, const int32_t *sums, int32_t count, int8_t *out)
{
    const tk_output_s8 o = *output;
    const int32_t rounding = 1 + 2 * o.zero_point;
    const int32_t *const end = sums + count;

    if (o.per_channel) {
        const int32_t *multiplier = o.multiplier + channel;
        const int8_t *shift;
        int32_t step;

        if (o.shift != NULL) {
            shift = o.shift + channel;
            step = 1;
        } else {
            shift = (const int8_t *)(o.bias + channel); /* the low byte of each, on little-endian cores */
            step = 4;
        }
        do {
            *out++ = output_of(&o, *sums++, *multiplier++, *shift, rounding);
            shift += step;
        } while (sums != end);
    } else {
        const int32_t multiplier = o.multiplier[0];
        const int32_t shift = o.shift[0];
        do {
            *out++ = output_of(&o, *sums++, multiplier, shift, rounding);
        } while (sums != end);
    }
}
