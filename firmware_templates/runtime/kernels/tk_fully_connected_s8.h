/* FULLY_CONNECTED, int8: portable C. See tk_fully_connected_s8.c. */
#ifndef TK_FULLY_CONNECTED_S8_H
#define TK_FULLY_CONNECTED_S8_H

#include "tk_output_s8.h"

#include <stdint.h>

typedef struct {
    uint16_t batches;
    uint16_t depth; /* inputs of one batch */
    uint16_t units; /* outputs of one batch */
    const int8_t *weights; /* blocks of 8 units as [depth][8], then the remaining units one by one */
    tk_output_s8 output; /* biases with the input's zero point folded in: b - zero_point * sum(w) */
} tk_fully_connected_s8_params;

/* in [batches][depth], out [batches][units] */
void tk_fully_connected_s8(const tk_fully_connected_s8_params *p, const int8_t *in, int8_t *out);

#endif
