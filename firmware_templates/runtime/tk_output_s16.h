/* From 64-bit sums to int16 outputs: bias, requantization, fused activation. int16 has no zero points. */
#ifndef TK_OUTPUT_S16_H
#define TK_OUTPUT_S16_H

#include "tk_common.h"

typedef struct {
    const int32_t *bias;       /* per channel, or null */
    const int64_t *wide_bias;  /* the same, where biases do not fit into 32 bits */
    const int32_t *multiplier; /* per channel, or one for all: of 15 bits, or with `narrow` of 31 bits for tk_requantize */
    const int8_t *shift;       /* as many as multipliers */
    uint8_t per_channel;
    uint8_t narrow; /* sums wrap to 32 bits, as where TFLite-Micro has int32 biases */
    int16_t clamp_min, clamp_max;
} tk_output_s16;

/* Writes the outputs of `count` neighbouring channels, the first of which is `channel`, to out[0..count-1]. */
void tk_write_s16(const tk_output_s16 *output, int32_t channel, const int64_t *sums, int32_t count, int16_t *out);

#endif
