/* From 32-bit sums to int8 outputs. Shared, not inlined: at 4 to 8 sums a call it costs about two instructions an
 * output, and saves several hundred bytes in every kernel. */
#include "tk_output_s8.h"

#include "tk_common.h"

void tk_write_s8(const tk_output_s8 *output, int32_t channel, const int32_t *sums, int32_t count, int8_t *out)
{
    const int32_t step = output->per_channel;
    const int32_t *multiplier = output->multiplier + channel * step;
    const int8_t *shift = output->shift + channel * step;
    const int32_t zero_point = output->zero_point;
    const int32_t low = output->clamp_min;
    const int32_t high = output->clamp_max;
    const int32_t *const end = sums + count;

    while (sums != end) {
        const int32_t scaled = tk_requantize(*sums++, *multiplier, *shift) + zero_point;
        *out++ = (int8_t)tk_clamp(scaled, low, high);
        multiplier += step;
        shift += step;
    }
}
