/* SOFTMAX, int8 to int16: as tk_softmax_s8.c, with 8 bits more of each quotient. */
#include "tk_softmax_s8_s16.h"

#include "tk_softmax.h"

void tk_softmax_s8_s16(const tk_softmax_s8_s16_params *p, const int8_t *in, int16_t *out)
{
    const int32_t *const exps = p->exps;
    const int32_t depth = p->depth;

    for (int32_t row = 0; row < p->rows; row++) {
        int32_t max = INT8_MIN;
        uint32_t sum = 0;

        for (int32_t i = 0; i < depth; i++) {
            max = in[i] > max ? in[i] : max;
        }
        for (int32_t i = 0; i < depth; i++) {
            const int32_t difference = max - in[i];
            if (difference < p->exps_count) {
                sum += tk_shifted(exps[difference], TK_SUM_SHIFT);
            }
        }

        /* sum = (1 + a) * 2^(31 - headroom), at least the 1.0 of the maximum itself */
        int32_t shift = TK_SUM_SHIFT + 31 - 16;
        while (!(sum & 0x80000000u)) {
            sum <<= 1;
            shift--;
        }
        const int32_t scale = tk_reciprocal_of_one_plus((int32_t)(sum - 0x80000000u));

        for (int32_t i = 0; i < depth; i++) {
            const int32_t difference = max - in[i];
            int32_t y = 0;
            if (difference < p->exps_count) {
                y = (int32_t)tk_shifted(tk_high_mul(exps[difference], scale), shift);
            }
            out[i] = (int16_t)((y < 65535 ? y : 65535) - 32768);
        }
        in += depth;
        out += depth;
    }
}
