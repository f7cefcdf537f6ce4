/* QUANTIZE, int16 to int16, and RELU of int16: rescaled, then clamped to [low, high]. */
#ifndef TK_REQUANTIZE_S16_S16_H
#define TK_REQUANTIZE_S16_S16_H

#include <stdint.h>

typedef struct {
    int32_t count;
    int32_t zero_in, zero_out;
    int32_t multiplier, shift;
    int32_t low, high;
} tk_requantize_s16_s16_params;

/* in [count], out [count]; may be the same memory */
void tk_requantize_s16_s16(const tk_requantize_s16_s16_params *p, const int16_t *in, int16_t *out);

#endif
