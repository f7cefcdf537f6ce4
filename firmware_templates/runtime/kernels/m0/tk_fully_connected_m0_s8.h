/* FULLY_CONNECTED, int8, for cores without long multiplication. See tk_fully_connected_m0_s8.c. */
#ifndef TK_FULLY_CONNECTED_M0_S8_H
#define TK_FULLY_CONNECTED_M0_S8_H

#include <stdint.h>

typedef struct {
    uint16_t batches;
    uint16_t depth; /* inputs of one batch */
    uint16_t units; /* outputs of one batch */
    uint8_t per_channel;
    uint8_t split;
    int16_t clamp_min, clamp_max;
    const uint8_t *weights; /* 128 more than each: blocks of 8 units as [depth][8]; of 1 to 4 units that remain [depth][4] */
    const int32_t *bias;    /* of each unit; null when per_channel */
    const uint32_t *steps;  /* see tk_m0_macros.h; of each unit when per_channel, else one for all */
} tk_fully_connected_m0_s8_params;

/* in [batches][depth], out [batches][units] */
void tk_fully_connected_m0_s8(const tk_fully_connected_m0_s8_params *p, const int8_t *in, int8_t *out);

#endif
