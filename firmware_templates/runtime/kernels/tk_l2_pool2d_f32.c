/* L2_POOL_2D, float32: portable C. Padding does not count. */
#include "tk_l2_pool2d_f32.h"

#include <math.h>

void tk_l2_pool2d_f32(const tk_l2_pool2d_f32_params *p, const float *in, float *out)
{
    const tk_pool2d_window *const w = &p->window;
    const int32_t channels = w->channels;
    const int32_t row = w->in_w * channels;

    for (int32_t batch = 0; batch < w->batches; batch++) {
        for (int32_t out_y = 0; out_y < w->out_h; out_y++) {
            const tk_span ys = tk_pool2d_span(out_y, w->stride_h, w->pad_top, w->k_h, w->in_h);

            for (int32_t out_x = 0; out_x < w->out_w; out_x++) {
                const tk_span xs = tk_pool2d_span(out_x, w->stride_w, w->pad_left, w->k_w, w->in_w);
                const float *const corner = in + ys.begin * row + xs.begin * channels;
                const float count = (float)((ys.end - ys.begin) * (xs.end - xs.begin));

                for (int32_t channel = 0; channel < channels; channel++) {
                    float sum = 0.0f;
                    for (int32_t y = 0; y < ys.end - ys.begin; y++) {
                        const float *v = corner + y * row + channel;
                        for (int32_t x = xs.begin; x < xs.end; x++) {
                            sum += *v * *v;
                            v += channels;
                        }
                    }
                    *out++ = tk_clampf(sqrtf(sum / count), p->clamp_min, p->clamp_max);
                }
            }
        }
        in += w->in_h * row;
    }
}
