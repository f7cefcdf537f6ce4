/* QUANTIZE, float32 to int16. */
#include "tk_quantize_f32_s16.h"

#include "tk_common.h"

/* Beyond +-65536 every zero point saturates; within, conversions to int are defined and exact. */
#define LIMIT 65536.0f

void tk_quantize_f32_s16(const tk_quantize_f32_s16_params *p, const float *in, int16_t *out)
{
    const float scale = p->scale;
    const int32_t zero_point = p->zero_point;
    const float *const end = in + p->count;

    while (in != end) {
        /* divided, not multiplied by the reciprocal: ties would round differently */
        float x = *in++ / scale;
        x = x > -LIMIT ? x : -LIMIT;
        x = x < LIMIT ? x : LIMIT;
        const int32_t whole = (int32_t)x;
        const float rest = x - (float)whole;
        const int32_t rounded = whole + (rest >= 0.5f ? 1 : 0) - (rest <= -0.5f ? 1 : 0);
        *out++ = (int16_t)tk_clamp(rounded + zero_point, -32768, 32767);
    }
}
