/* MAX_POOL_2D, int8, for cores with Helium: sixteen channels at a time. */
#include "tk_max_pool2d_mve_s8.h"

#include "tk_mve_copy.h"

/* The largest of `count` pixels, `step` bytes apart, and `best`, but `high` at most, of up to 16 channels. */
TK_INLINE void keep_largest(int8_t *best, const int8_t *pixel, int32_t count, int32_t step, int32_t channels, int32_t high)
{
    __asm__ volatile("vctp.8 %[channels]\n\t"
                     "vldrb.8 q1, [%[best]]\n\t"
                     "vdup.8 q2, %[high]\n\t"
                     "dls lr, %[count]\n"
                     "1:\n\t"
                     "vpst\n\t"
                     "vldrbt.8 q0, [%[pixel]]\n\t"
                     "vmax.s8 q1, q1, q0\n\t"
                     "add %[pixel], %[step]\n\t"
                     "le lr, 1b\n\t"
                     "vmin.s8 q1, q1, q2\n\t"
                     "vstrb.8 q1, [%[best]]"
                     : [pixel] "+r"(pixel)
                     : [best] "r"(best), [count] "r"(count), [step] "r"(step), [channels] "r"(channels), [high] "r"(high)
                     : "q0", "q1", "q2", "lr", "memory");
}

void tk_max_pool2d_mve_s8(const tk_max_pool2d_mve_s8_params *p, const int8_t *in, int8_t *out)
{
    const tk_pool2d_window *const w = &p->window;
    const int32_t channels = w->channels;
    const int32_t row = w->in_w * channels;

    for (int32_t batch = 0; batch < w->batches; batch++) {
        for (int32_t out_y = 0; out_y < w->out_h; out_y++) {
            const tk_span ys = tk_pool2d_span(out_y, w->stride_h, w->pad_top, w->k_h, w->in_h);

            for (int32_t out_x = 0; out_x < w->out_w; out_x++) {
                const tk_span xs = tk_pool2d_span(out_x, w->stride_w, w->pad_left, w->k_w, w->in_w);
                const int8_t *const corner = in + ys.begin * row + xs.begin * channels;

                for (int32_t channel = 0; channel < channels; channel += 16) {
                    const int32_t some = channels - channel < 16 ? channels - channel : 16;
                    int8_t best[16];

                    tk_mve_fill(best, p->clamp_min, 16);
                    for (int32_t y = 0; y < ys.end - ys.begin; y++) {
                        keep_largest(best, corner + y * row + channel, xs.end - xs.begin, channels, some, p->clamp_max);
                    }
                    out = tk_mve_copy(out, best, some);
                }
            }
        }
        in += w->in_h * row;
    }
}
