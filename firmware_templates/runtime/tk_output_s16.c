/* From 64-bit sums to int16 outputs.
 *
 * TFLite-Micro keeps 15 bits of a multiplier for 64-bit sums and rounds once, half up; 32-bit sums are rescaled as those
 * of int8 are. The compiler has refused sums of 2^47 or more, so that their products with multipliers fit.
 */
#include "tk_output_s16.h"

void tk_write_s16(const tk_output_s16 *output, int32_t channel, const int64_t *sums, int32_t count, int16_t *out)
{
    const tk_output_s16 *const o = output;

    for (int32_t i = 0; i < count; i++, channel++) {
        const int32_t at = o->per_channel ? channel : 0;
        const int32_t multiplier = o->multiplier[at];
        const int32_t shift = o->shift[at];
        int64_t sum = sums[i];
        int32_t y;

        if (o->bias != NULL) {
            sum += o->bias[channel];
        } else if (o->wide_bias != NULL) {
            sum += o->wide_bias[channel];
        }
        if (o->narrow) {
            y = tk_requantize((int32_t)(uint32_t)(uint64_t)sum, multiplier, shift);
        } else {
            const int64_t product = sum * multiplier + ((int64_t)1 << (14 - shift));
            y = (int32_t)(uint32_t)(uint64_t)(product >> (15 - shift));
        }
        out[i] = (int16_t)tk_clamp(y, o->clamp_min, o->clamp_max);
    }
}
