/* Eight units of a dense layer at a time, for cores with Helium: the loop of tk_fully_connected_mve_s8, in assembly. */
#ifndef TK_MVE_DENSE_H
#define TK_MVE_DENSE_H

#include <stdint.h>

/* The assembly reads these fields by their offsets. Units of a block come in the order 0 2 4 6 1 3 5 7. */
typedef struct {
    const int8_t *in;      /* 16 bytes or more */
    int32_t chunks;        /* of 16 bytes of the input, rounded down */
    int32_t tail;          /* bytes after them, below 16 */
    const int8_t *weights; /* of blocks [chunk][8][16]; of the tail the last 16 bytes of the input, those before it 0 */
    const int32_t *bias;
    const int32_t *multiplier; /* shifts as tk_requantize has them */
    const int8_t *shift;
    int32_t step; /* 8, or 0 where all blocks share the first one's multipliers and shifts */
    int8_t *out;
    int32_t units;
    int32_t saturated; /* the zero point is -128, nothing is clamped, no shift is to the left */
    int32_t zero_point, low, high;
} tk_mve_dense;

void tk_mve_dense_run(const tk_mve_dense *dense);

#endif
