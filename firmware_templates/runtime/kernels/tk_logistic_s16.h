/* LOGISTIC, int16, interpolated as TFLite does; the output has scale 1/32768 and zero point 0, the input zero point 0. */
#ifndef TK_LOGISTIC_S16_H
#define TK_LOGISTIC_S16_H

#include <stdint.h>

typedef struct {
    int32_t count;
    int32_t multiplier, shift; /* of the input: to 1/12288 */
    const uint16_t *table;         /* 256 nodes: 65536 / (1 + exp(-i / 24)) */
} tk_logistic_s16_params;

/* in [count], out [count]; may be the same memory */
void tk_logistic_s16(const tk_logistic_s16_params *p, const int16_t *in, int16_t *out);

#endif
