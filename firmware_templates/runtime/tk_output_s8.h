/* From 32-bit sums to int8 outputs: requantization, zero point, fused activation. */
#ifndef TK_OUTPUT_S8_H
#define TK_OUTPUT_S8_H

#include <stdint.h>

typedef struct {
    const int32_t *multiplier; /* for tk_requantize */
    const int8_t *shift;
    uint16_t per_channel; /* 1: an entry of both tables per channel, 0: the first entry for all */
    int16_t zero_point;
    int16_t clamp_min, clamp_max;
} tk_output_s8;

/* Writes the outputs of `count` neighbouring channels, the first of which is `channel`, to out[0..count-1]. */
void tk_write_s8(const tk_output_s8 *output, int32_t channel, const int32_t *sums, int32_t count, int8_t *out);

#endif
