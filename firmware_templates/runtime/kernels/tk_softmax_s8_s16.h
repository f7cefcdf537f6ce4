/* SOFTMAX over the last dimension, int8 to int16: scale 1/65536 and zero point -32768 at the output. */
#ifndef TK_SOFTMAX_S8_S16_H
#define TK_SOFTMAX_S8_S16_H

#include <stdint.h>

typedef struct {
    int32_t rows;
    int32_t depth;       /* elements of a row, at most 4095 */
    int32_t exps_count;  /* larger differences count as nothing */
    const int32_t *exps; /* exp(-beta * scale * difference) in Q0.31, for the differences 0, 1, ... to the maximum */
} tk_softmax_s8_s16_params;

/* in [rows][depth], out [rows][depth] */
void tk_softmax_s8_s16(const tk_softmax_s8_s16_params *p, const int8_t *in, int16_t *out);

#endif
