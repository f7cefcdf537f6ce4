/* QUANTIZE, float32 to int8: round(x / scale) + zero_point, ties away from zero, saturated; NaN gives the minimum. */
#ifndef TK_QUANTIZE_F32_S8_H
#define TK_QUANTIZE_F32_S8_H

#include <stdint.h>

typedef struct {
    int32_t count;
    float scale;
    int32_t zero_point;
} tk_quantize_f32_s8_params;

/* in [count], out [count]; out may begin where in begins */
void tk_quantize_f32_s8(const tk_quantize_f32_s8_params *p, const float *in, int8_t *out);

#endif
