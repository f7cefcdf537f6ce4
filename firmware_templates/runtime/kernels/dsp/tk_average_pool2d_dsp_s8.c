/* AVERAGE_POOL_2D, int8, for Arm cores with the DSP extension: four channels at a time, their sums in 16 bits. Rounding
 * is that of tk_average_pool2d_s8. */
#include "tk_average_pool2d_dsp_s8.h"

#include "tk_dsp_pool.h"

/* Bytes 0 and 2 of x added to the halves of sums; then bytes 1 and 3. */
TK_INLINE uint32_t add_even(uint32_t sums, uint32_t x)
{
    __asm__("sxtab16 %0, %0, %1" : "+r"(sums) : "r"(x));
    return sums;
}

TK_INLINE uint32_t add_odd(uint32_t sums, uint32_t x)
{
    __asm__("sxtab16 %0, %0, %1, ror #8" : "+r"(sums) : "r"(x));
    return sums;
}

typedef struct {
    uint32_t even, odd;
} sums;

/* Of four channels, or of one. */
TK_INLINE sums sums_of(const tk_dsp_pool_part *part, const int8_t *from, int whole)
{
    int32_t rows = part->rows;
    sums s = {0, 0};

    do {
        int32_t columns = part->columns;
        do {
            const uint32_t four = tk_dsp_pool_load(from, whole);
            s.even = add_even(s.even, four);
            s.odd = add_odd(s.odd, four);
            from += part->channels;
        } while (--columns != 0);
        from += part->gap;
    } while (--rows != 0);
    return s;
}

static void one_pixel(const tk_dsp_pool_part *part, const void *params, const int8_t *corner, int8_t *out)
{
    const tk_average_pool2d_dsp_s8_params *const p = params;
    const int32_t count = part->rows * part->columns;
    int32_t left = part->channels;

    do {
        const int32_t some = left >= 4 ? 4 : 1;
        sums s = some == 4 ? sums_of(part, corner, 1) : sums_of(part, corner, 0);

        for (int32_t i = 0; i < some; i++) {
            const int32_t sum = (int16_t)s.even;
            const int32_t half = sum > 0 ? count / 2 : -(count / 2);
            const sums rest = {s.odd, s.even >> 16};

            *out++ = (int8_t)tk_clamp((sum + half) / count, p->clamp_min, p->clamp_max);
            s = rest;
        }
        corner += some;
        left -= some;
    } while (left > 0);
}

void tk_average_pool2d_dsp_s8(const tk_average_pool2d_dsp_s8_params *p, const int8_t *in, int8_t *out)
{
    tk_dsp_pool(&p->window, one_pixel, p, in, out);
}
