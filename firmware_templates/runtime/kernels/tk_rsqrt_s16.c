/* RSQRT, int16. */
#include "tk_rsqrt_s16.h"

#include "tk_inverse_sqrt.h"

void tk_rsqrt_s16(const tk_rsqrt_s16_params *p, const int16_t *in, int16_t *out)
{
    const int16_t *const end = in + p->count;

    while (in != end) {
        const int32_t x = *in++;
        int32_t y = 32767;
        if (x > 0) {
            int32_t shift;
            const int32_t root = tk_inverse_sqrt(x, &shift);
            y = tk_requantize(tk_requantize(1, root, shift + 20), p->multiplier, p->shift);
            y = tk_clamp(y, -32768, 32767);
        }
        *out++ = (int16_t)y;
    }
}
