/* QUANTIZE, int16 to int8: rescaled, then clamped to [low, high]. */
#ifndef TK_REQUANTIZE_S16_S8_H
#define TK_REQUANTIZE_S16_S8_H

#include <stdint.h>

typedef struct {
    int32_t count;
    int32_t zero_in, zero_out;
    int32_t multiplier, shift;
    int32_t low, high;
} tk_requantize_s16_s8_params;

/* in [count], out [count]; may begin at the same memory */
void tk_requantize_s16_s8(const tk_requantize_s16_s8_params *p, const int16_t *in, int8_t *out);

#endif
