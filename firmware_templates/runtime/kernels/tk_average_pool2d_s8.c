/* AVERAGE_POOL_2D, int8: portable C.
 *
 * As TFLite's reference: padding does not count, the mean is rounded to nearest with halves away from zero, and no
 * zero point is involved because input and output share their quantization. Four channels at a time walk the window.
 */
#include "tk_average_pool2d_s8.h"

TK_INLINE int8_t mean(const tk_average_pool2d_s8_params *p, int32_t sum, int32_t count)
{
    const int32_t rounded = sum > 0 ? (sum + count / 2) / count : (sum - count / 2) / count;
    return (int8_t)tk_clamp(rounded, p->clamp_min, p->clamp_max);
}

void tk_average_pool2d_s8(const tk_average_pool2d_s8_params *p, const int8_t *in, int8_t *out)
{
    const tk_pool2d_window *const w = &p->window;
    const int32_t channels = w->channels;
    const int32_t row_bytes = w->in_w * channels;

    for (int32_t batch = 0; batch < w->batches; batch++) {
        for (int32_t out_y = 0; out_y < w->out_h; out_y++) {
            const tk_span ys = tk_pool2d_span(out_y, w->stride_h, w->pad_top, w->k_h, w->in_h);

            for (int32_t out_x = 0; out_x < w->out_w; out_x++) {
                const tk_span xs = tk_pool2d_span(out_x, w->stride_w, w->pad_left, w->k_w, w->in_w);
                const int32_t count = (ys.end - ys.begin) * (xs.end - xs.begin);
                const int8_t *const corner = in + ys.begin * row_bytes + xs.begin * channels;
                int32_t c = 0;

                for (; c + 4 <= channels; c += 4) {
                    int32_t s0 = 0, s1 = 0, s2 = 0, s3 = 0;
                    for (int32_t y = 0; y < ys.end - ys.begin; y++) {
                        const int8_t *v = corner + y * row_bytes + c;
                        for (int32_t x = xs.begin; x < xs.end; x++) {
                            s0 += v[0];
                            s1 += v[1];
                            s2 += v[2];
                            s3 += v[3];
                            v += channels;
                        }
                    }
                    *out++ = mean(p, s0, count);
                    *out++ = mean(p, s1, count);
                    *out++ = mean(p, s2, count);
                    *out++ = mean(p, s3, count);
                }
                for (; c < channels; c++) {
                    int32_t sum = 0;
                    for (int32_t y = 0; y < ys.end - ys.begin; y++) {
                        const int8_t *v = corner + y * row_bytes + c;
                        for (int32_t x = xs.begin; x < xs.end; x++) {
                            sum += *v;
                            v += channels;
                        }
                    }
                    *out++ = mean(p, sum, count);
                }
            }
        }
        in += w->in_h * row_bytes;
    }
}
