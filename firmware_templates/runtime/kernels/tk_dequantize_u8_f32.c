/* DEQUANTIZE, uint8 to float32. */
#include "tk_dequantize_u8_f32.h"

void tk_dequantize_u8_f32(const tk_dequantize_u8_f32_params *p, const uint8_t *in, float *out)
{
    const float scale = p->scale;
    const int32_t zero_point = p->zero_point;
    const uint8_t *const end = in + p->count;

    while (in != end) {
        *out++ = scale * (float)(*in++ - zero_point);
    }
}
