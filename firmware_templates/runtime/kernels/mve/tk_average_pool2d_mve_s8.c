/* AVERAGE_POOL_2D, int8, for cores with Helium: eight channels at a time, their sums in 16 bits. */
#include "tk_average_pool2d_mve_s8.h"

/* Adds `count` pixels, `step` bytes apart, to the sums of up to eight channels. (No intrinsics: what of predicates an
 * assembly changes cannot be told to every compiler.) */
TK_INLINE void add_pixels(int16_t *sums, const int8_t *pixel, int32_t count, int32_t step, int32_t channels)
{
    __asm__ volatile("vctp.16 %[channels]\n\t"
                     "vldrh.16 q1, [%[sums]]\n\t"
                     "dls lr, %[count]\n"
                     "1:\n\t"
                     "vpst\n\t"
                     "vldrbt.s16 q0, [%[pixel]]\n\t"
                     "vadd.i16 q1, q1, q0\n\t"
                     "add %[pixel], %[step]\n\t"
                     "le lr, 1b\n\t"
                     "vstrh.16 q1, [%[sums]]"
                     : [pixel] "+l"(pixel) /* a widening load: a low register */
                     : [sums] "r"(sums), [count] "r"(count), [step] "r"(step), [channels] "r"(channels)
                     : "q0", "q1", "lr", "memory");
}

void tk_average_pool2d_mve_s8(const tk_average_pool2d_mve_s8_params *p, const int8_t *in, int8_t *out)
{
    const tk_pool2d_window *const w = &p->window;
    const int32_t channels = w->channels;
    const int32_t row = w->in_w * channels;

    for (int32_t batch = 0; batch < w->batches; batch++) {
        for (int32_t out_y = 0; out_y < w->out_h; out_y++) {
            const tk_span ys = tk_pool2d_span(out_y, w->stride_h, w->pad_top, w->k_h, w->in_h);

            for (int32_t out_x = 0; out_x < w->out_w; out_x++) {
                const tk_span xs = tk_pool2d_span(out_x, w->stride_w, w->pad_left, w->k_w, w->in_w);
                const int32_t count = (ys.end - ys.begin) * (xs.end - xs.begin);
                /* the rows of a window as wide as the image are one */
                const int32_t rows = xs.end - xs.begin == w->in_w ? 1 : ys.end - ys.begin;
                const int8_t *const corner = in + ys.begin * row + xs.begin * channels;

                for (int32_t channel = 0; channel < channels; channel += 8) {
                    const int32_t some = channels - channel < 8 ? channels - channel : 8;
                    int16_t sums[8] = {0};

                    for (int32_t y = 0; y < rows; y++) {
                        add_pixels(sums, corner + y * row + channel, count / rows, channels, some);
                    }
                    for (int32_t i = 0; i < some; i++) {
                        const int32_t half = sums[i] > 0 ? count / 2 : -(count / 2);
                        *out++ = (int8_t)tk_clamp((sums[i] + half) / count, p->clamp_min, p->clamp_max);
                    }
                }
            }
        }
        in += w->in_h * row;
    }
}
