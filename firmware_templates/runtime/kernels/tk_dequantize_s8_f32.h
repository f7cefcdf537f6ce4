/* DEQUANTIZE, int8 to float32: scale * (x - zero_point). */
#ifndef TK_DEQUANTIZE_S8_F32_H
#define TK_DEQUANTIZE_S8_F32_H

#include <stdint.h>

typedef struct {
    int32_t count;
    float scale;
    int32_t zero_point;
} tk_dequantize_s8_f32_params;

/* in [count], out [count] */
void tk_dequantize_s8_f32(const tk_dequantize_s8_f32_params *p, const int8_t *in, float *out);

#endif
