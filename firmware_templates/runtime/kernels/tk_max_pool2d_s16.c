/* MAX_POOL_2D, int16: portable C. Padding takes no part. */
#include "tk_max_pool2d_s16.h"

void tk_max_pool2d_s16(const tk_max_pool2d_s16_params *p, const int16_t *in, int16_t *out)
{
    const tk_pool2d_window *const w = &p->window;
    const int32_t channels = w->channels;
    const int32_t row = w->in_w * channels;

    for (int32_t batch = 0; batch < w->batches; batch++) {
        for (int32_t out_y = 0; out_y < w->out_h; out_y++) {
            const tk_span ys = tk_pool2d_span(out_y, w->stride_h, w->pad_top, w->k_h, w->in_h);

            for (int32_t out_x = 0; out_x < w->out_w; out_x++) {
                const tk_span xs = tk_pool2d_span(out_x, w->stride_w, w->pad_left, w->k_w, w->in_w);
                const int16_t *const corner = in + ys.begin * row + xs.begin * channels;

                for (int32_t channel = 0; channel < channels; channel++) {
                    int32_t best = INT16_MIN;
                    for (int32_t y = 0; y < ys.end - ys.begin; y++) {
                        const int16_t *v = corner + y * row + channel;
                        for (int32_t x = xs.begin; x < xs.end; x++) {
                            best = *v > best ? *v : best;
                            v += channels;
                        }
                    }
                    *out++ = (int16_t)tk_clamp(best, p->clamp_min, p->clamp_max);
                }
            }
        }
        in += w->in_h * row;
    }
}
