/* FULLY_CONNECTED, int8, for cores with Helium. See tk_fully_connected_mve_s8.c. */
#ifndef TK_FULLY_CONNECTED_MVE_S8_H
#define TK_FULLY_CONNECTED_MVE_S8_H

#include <stdint.h>

typedef struct {
    uint16_t batches;
    uint16_t depth, units;
    uint16_t per_channel; /* 0: all blocks of units share multipliers and shifts of one block */
    uint16_t saturated;   /* 1: the zero point is -128, nothing is clamped, no shift is to the left */
    int16_t zero_point, clamp_min, clamp_max;
    const int8_t *weights;     /* as tk_mve_dense has them, the last unit repeated to a multiple of 8 */
    const int32_t *bias;       /* with the input's zero point folded in: b - zero_point * sum(w) */
    const int32_t *multiplier; /* for tk_requantize */
    const int8_t *shift;
} tk_fully_connected_mve_s8_params;

/* in [batches][depth], out [batches][units] */
void tk_fully_connected_mve_s8(const tk_fully_connected_mve_s8_params *p, const int8_t *in, int8_t *out);

#endif
