/* Any int8 function of one variable as a table: LOGISTIC, TANH, RELU, LEAKY_RELU, HARD_SWISH, re-quantization, ... */
#ifndef TK_LUT_S8_H
#define TK_LUT_S8_H

#include <stdint.h>

typedef struct {
    int32_t count;
    const int8_t *table; /* 256 results, for the arguments 0..127, -128..-1 in this order */
} tk_lut_s8_params;

/* in [count], out [count]; may be the same memory */
void tk_lut_s8(const tk_lut_s8_params *p, const int8_t *in, int8_t *out);

#endif
