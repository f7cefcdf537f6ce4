/* QUANTIZE, int16 to int32: rescaled, then clamped to [low, high]. */
#ifndef TK_REQUANTIZE_S16_S32_H
#define TK_REQUANTIZE_S16_S32_H

#include <stdint.h>

typedef struct {
    int32_t count;
    int32_t zero_in, zero_out;
    int32_t multiplier, shift;
    int32_t low, high;
} tk_requantize_s16_s32_params;

/* in [count], out [count]; no common memory */
void tk_requantize_s16_s32(const tk_requantize_s16_s32_params *p, const int16_t *in, int32_t *out);

#endif
