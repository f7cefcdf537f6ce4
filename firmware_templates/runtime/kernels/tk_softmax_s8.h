/* SOFTMAX over the last dimension, int8: scale 1/256 and zero point -128 at the output. */
#ifndef TK_SOFTMAX_S8_H
#define TK_SOFTMAX_S8_H

#include <stdint.h>

typedef struct {
    int32_t rows;
    int32_t depth;       /* elements of a row, at most 4095 */
    int32_t exps_count;  /* larger differences count as nothing */
    const int32_t *exps; /* exp(-beta * scale * difference) in Q0.31, for the differences 0, 1, ... to the maximum */
} tk_softmax_s8_params;

/* in [rows][depth], out [rows][depth]; may be the same memory */
void tk_softmax_s8(const tk_softmax_s8_params *p, const int8_t *in, int8_t *out);

#endif
