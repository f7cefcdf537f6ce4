/* AVERAGE_POOL_2D, int8, for Arm cores with the DSP extension: four channels at a time, their sums in 16 bits. Rounding
 * is that of tk_average_pool2d_s8. */
#include "tk_average_pool2d_dsp_s8.h"

#include <string.h>

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

static TK_NOINLINE int8_t mean(const tk_average_pool2d_dsp_s8_params *p, int32_t sum, int32_t count)
{
    const int32_t half = sum > 0 ? count / 2 : -(count / 2);
    return (int8_t)tk_clamp((sum + half) / count, p->clamp_min, p->clamp_max);
}

/* All channels of a window of rows * columns inputs. */
static void one_pixel(const tk_average_pool2d_dsp_s8_params *p, const int8_t *corner, int32_t rows, int32_t columns,
                      int8_t *out)
{
    const int32_t channels = p->window.channels;
    const int32_t gap = (p->window.in_w - columns) * channels;
    const int32_t count = rows * columns;

    for (int32_t left = channels; left >= 4; left -= 4) {
        const int8_t *from = corner;
        uint32_t even = 0;
        uint32_t odd = 0;

        for (int32_t y = rows; y > 0; y--) {
            for (int32_t x = columns; x > 0; x--) {
                uint32_t four;
                memcpy(&four, from, 4);
                even = add_even(even, four);
                odd = add_odd(odd, four);
                from += channels;
            }
            from += gap;
        }
        out[0] = mean(p, (int16_t)(even & 0xFFFF), count);
        out[1] = mean(p, (int16_t)(odd & 0xFFFF), count);
        out[2] = mean(p, (int16_t)(even >> 16), count);
        out[3] = mean(p, (int16_t)(odd >> 16), count);
        out += 4;
        corner += 4;
    }
    for (int32_t left = channels & 3; left > 0; left--) {
        const int8_t *from = corner++;
        int32_t sum = 0;

        for (int32_t y = rows; y > 0; y--) {
            for (int32_t x = columns; x > 0; x--) {
                sum += *from;
                from += channels;
            }
            from += gap;
        }
        *out++ = mean(p, sum, count);
    }
}

void tk_average_pool2d_dsp_s8(const tk_average_pool2d_dsp_s8_params *p, const int8_t *in, int8_t *out)
{
    const tk_pool2d_window *const w = &p->window;
    const int32_t row = w->in_w * w->channels;

    for (int32_t batch = 0; batch < w->batches; batch++) {
        for (int32_t out_y = 0; out_y < w->out_h; out_y++) {
            const tk_span ys = tk_pool2d_span(out_y, w->stride_h, w->pad_top, w->k_h, w->in_h);

            for (int32_t out_x = 0; out_x < w->out_w; out_x++) {
                const tk_span xs = tk_pool2d_span(out_x, w->stride_w, w->pad_left, w->k_w, w->in_w);

                one_pixel(p, in + ys.begin * row + xs.begin * w->channels, ys.end - ys.begin, xs.end - xs.begin, out);
                out += w->channels;
            }
        }
        in += w->in_h * row;
    }
}
