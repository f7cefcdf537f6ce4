/* QUANTIZE, float32 to int16: round(x / scale) + zero_point, ties away from zero; saturated. */
#ifndef TK_QUANTIZE_F32_S16_H
#define TK_QUANTIZE_F32_S16_H

#include <stdint.h>

typedef struct {
    int32_t count;
    float scale;
    int32_t zero_point;
} tk_quantize_f32_s16_params;

/* in [count], out [count]; no common memory */
void tk_quantize_f32_s16(const tk_quantize_f32_s16_params *p, const float *in, int16_t *out);

#endif
