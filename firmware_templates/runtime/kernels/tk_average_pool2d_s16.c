/* AVERAGE_POOL_2D, int16: portable C.
 *
 * As TFLite's reference: padding does not count, the mean is rounded to nearest with halves away from zero, and no
 * zero point is involved because input and output share their quantization.
 */
#include "tk_average_pool2d_s16.h"

void tk_average_pool2d_s16(const tk_average_pool2d_s16_params *p, const int16_t *in, int16_t *out)
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
                const int16_t *const corner = in + ys.begin * row + xs.begin * channels;

                for (int32_t channel = 0; channel < channels; channel++) {
                    int32_t sum = 0;
                    for (int32_t y = 0; y < ys.end - ys.begin; y++) {
                        const int16_t *v = corner + y * row + channel;
                        for (int32_t x = xs.begin; x < xs.end; x++) {
                            sum += *v;
                            v += channels;
                        }
                    }
                    const int32_t half = sum > 0 ? count / 2 : -(count / 2);
                    *out++ = (int16_t)tk_clamp((sum + half) / count, p->clamp_min, p->clamp_max);
                }
            }
        }
        in += w->in_h * row;
    }
}
