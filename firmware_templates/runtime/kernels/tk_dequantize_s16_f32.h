/* DEQUANTIZE, int16 to float32: scale * (x - zero_point). */
#ifndef TK_DEQUANTIZE_S16_F32_H
#define TK_DEQUANTIZE_S16_F32_H

#include <stdint.h>

typedef struct {
    int32_t count;
    float scale;
    int32_t zero_point;
} tk_dequantize_s16_f32_params;

/* in [count], out [count]; no common memory */
void tk_dequantize_s16_f32(const tk_dequantize_s16_f32_params *p, const int16_t *in, float *out);

#endif
