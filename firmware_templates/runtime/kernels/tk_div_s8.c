/* DIV, int8: times the reciprocal of the divisor (reference/div.h). By 0 gives 0.
 *
 * TFLite shifts small quotients by up to 63 bits, which C leaves undefined from 32 on. What x86 does there is done here
 * on every machine: shifts take the count modulo 32, and rounding adds 1 to what is not negative. */
#include "tk_div_s8.h"

#include "tk_each_pair.h"
#include "tk_reciprocal.h"

static int32_t rounding_shift_x86(int32_t x, int32_t exponent)
{
    return exponent < 32 ? tk_rounding_shift(x, exponent) : (x >> (exponent & 31)) + (x >= 0 ? 1 : 0);
}

/* x / y in steps of the output's scale, for |x|, |y| < 256 */
static int32_t divide(const tk_div_s8_params *p, int32_t x, int32_t y)
{
    int32_t exponent = 31 - p->shift;

    if (y == 0) {
        return 0;
    }
    if (y < 0) {
        x = -x;
        y = -y;
    }
    /* y = (1 + a) * 2^n: n joins the exponent */
    uint32_t denominator = (uint32_t)y;
    while (!(denominator & 0x80000000u)) {
        denominator <<= 1;
        exponent--;
    }
    /* x fills 31 bits and a sign, and 0 is shifted by 31 */
    uint32_t numerator = (uint32_t)x;
    int32_t headroom = 0;
    while (headroom < 31 && !((numerator ^ (numerator << 1)) & 0x80000000u)) {
        numerator <<= 1;
        headroom++;
    }
    const int32_t reciprocal = tk_reciprocal_of_one_plus((int32_t)(denominator & 0x7fffffffu));
    const int32_t quotient = tk_high_mul((int32_t)numerator, reciprocal);
    return rounding_shift_x86(tk_high_mul(quotient, p->multiplier), exponent + headroom);
}

void tk_div_s8(const tk_div_s8_params *p, const int8_t *a, const int8_t *b, int8_t *out)
{
    const bool swapped = p->swapped;

    TK_EACH_PAIR(int8_t, p, a, b, out,
                 (int8_t)tk_clamp(p->zero + divide(p, (swapped ? y : x) - p->zero_first,
                                                   (swapped ? x : y) - p->zero_second),
                                  p->low, p->high));
}
