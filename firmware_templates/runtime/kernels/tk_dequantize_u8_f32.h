/* DEQUANTIZE, uint8 to float32: scale * (x - zero_point). */
#ifndef TK_DEQUANTIZE_U8_F32_H
#define TK_DEQUANTIZE_U8_F32_H

#include <stdint.h>

typedef struct {
    int32_t count;
    float scale;
    int32_t zero_point;
} tk_dequantize_u8_f32_params;

/* in [count], out [count]; out may end where in does */
void tk_dequantize_u8_f32(const tk_dequantize_u8_f32_params *p, const uint8_t *in, float *out);

#endif
