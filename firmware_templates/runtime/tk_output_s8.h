/* From 32-bit sums to int8 outputs: bias, requantization, zero point, fused activation. */
#ifndef TK_OUTPUT_S8_H
#define TK_OUTPUT_S8_H

#include "tk_common.h"

typedef struct {
    const int32_t *bias;       /* per channel; with packed shifts, 24 bits of bias over 8 bits of shift */
    const int32_t *multiplier; /* per channel, or one for all; for tk_requantize */
    const int8_t *shift;       /* as many as multipliers; null: packed into the biases */
    uint8_t per_channel;
    uint8_t bias_position; /* 8 with packed shifts, else 0 */
    int16_t zero_point;
    int16_t clamp_min, clamp_max;
} tk_output_s8;

/* What the sum of a channel starts from. */
TK_INLINE int32_t tk_bias(const tk_output_s8 *output, int32_t channel)
{
    return output->bias[channel] >> output->bias_position;
}

/* Writes the outputs of `count` neighbouring channels, the first of which is `channel`, to out[0..count-1]. */
void tk_write_s8(const tk_output_s8 *output, int32_t channel, const int32_t *sums, int32_t count, int8_t *out);

#endif
