/* SOFTMAX, int8. exp() of all possible differences is a table made on the host; the division is gemmlowp's: three
 * Newton-Raphson steps in fixed point. Results are those of TFLite's reference/softmax.h. */
#include "tk_softmax_s8.h"

#include "tk_softmax.h"

static void softmax_row(const tk_softmax_s8_params *p, const int8_t *in, int8_t *out)
{
    const int32_t *const exps = p->exps;
    const int8_t *const end = in + p->depth;
    const int8_t *at = in;
    int32_t exps_count = p->exps_count;
    int32_t max = -128;
    uint32_t sum = 0;

    do {
        max = *at > max ? *at : max;
    } while (++at != end);
    at = in;
    do {
        const int32_t difference = max - *at;
        if (difference < exps_count) {
            sum += tk_shifted(exps[difference], TK_SUM_SHIFT);
        }
    } while (++at != end);

    /* sum = (1 + a) * 2^(31 - headroom), at least the 1.0 of the maximum itself */
    int32_t shift = TK_SUM_SHIFT + 31 - 8;
    while (!(sum & 0x80000000u)) {
        sum <<= 1;
        shift--;
    }
    const int32_t scale = tk_reciprocal_of_one_plus((int32_t)(sum - 0x80000000u));
    if (shift > 31) {
        exps_count = 0; /* all of each product is shifted out */
    }

    do {
        const int32_t difference = max - *in;
        int32_t y = 0;
        if (difference < exps_count) {
            y = (int32_t)tk_shifted(tk_high_mul(exps[difference], scale), shift);
        }
        *out++ = (int8_t)((y < 255 ? y : 255) - 128);
    } while (++in != end);
}

void tk_softmax_s8(const tk_softmax_s8_params *p, const int8_t *in, int8_t *out)
{
    int32_t rows = p->rows;

    do {
        softmax_row(p, in, out);
        in += p->depth;
        out += p->depth;
    } while (--rows != 0);
}
