/* FULLY_CONNECTED, int8, for RISC-V cores with multiplication. See tk_fully_connected_rv32_s8.c. */
#ifndef TK_FULLY_CONNECTED_RV32_S8_H
#define TK_FULLY_CONNECTED_RV32_S8_H

#include "tk_rv32_sums.h"

#include <stdint.h>

typedef struct {
    uint16_t batches, depth;
    uint16_t units; /* in blocks of 16; where 16 does not divide it, the last block is of the last 16 units */
    int8_t zero;    /* subtracted from inputs */
    int8_t clamp_min, clamp_max;
    uint8_t rounded;         /* see tk_rv32_output.h */
    uint8_t step;            /* words from one unit's constants to the next one's: 0 when all have the same, or 2 */
    const int8_t *weights;   /* blocks of 16 units, as [depth][16]; of fewer units [units][depth] */
    const int32_t *begin;    /* [units]: what sums begin with */
    const int32_t *constants; /* multiplier, after * 32 + shift */
} tk_fully_connected_rv32_s8_params;

/* in [batches][depth], out [batches][units] */
void tk_fully_connected_rv32_s8(const tk_fully_connected_rv32_s8_params *p, const int8_t *in, int8_t *out);

#endif
