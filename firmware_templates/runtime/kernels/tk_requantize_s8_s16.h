/* QUANTIZE, int8 to int16: rescaled, then clamped to [low, high]. */
#ifndef TK_REQUANTIZE_S8_S16_H
#define TK_REQUANTIZE_S8_S16_H

#include <stdint.h>

typedef struct {
    int32_t count;
    int32_t zero_in, zero_out;
    int32_t multiplier, shift;
    int32_t low, high;
} tk_requantize_s8_s16_params;

/* in [count], out [count]; out may end where in does */
void tk_requantize_s8_s16(const tk_requantize_s8_s16_params *p, const int8_t *in, int16_t *out);

#endif
