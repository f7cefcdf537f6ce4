/* CONV_2D, DEPTHWISE_CONV_2D and FULLY_CONNECTED, float32, of weights that are computed; and CONV_2D in groups. */
#include "tk_sums_f32.h"

#include "tk_common.h"

void tk_sums_f32(const tk_sums_f32_params *p, const float *in, const float *weights, float *out)
{
    const int32_t in_c = p->in_c;

    for (int32_t batch = 0; batch < p->batches; batch++) {
        for (int32_t out_y = 0; out_y < p->out_h; out_y++) {
            const int32_t y0 = out_y * p->stride_h - p->pad_top;

            for (int32_t out_x = 0; out_x < p->out_w; out_x++) {
                const int32_t x0 = out_x * p->stride_w - p->pad_left;

                for (int32_t channel = 0; channel < p->out_c; channel++) {
                    const float *const group = in + channel / p->group_out * p->filter_c;
                    const float *const filter = weights + channel * p->filter_step;
                    float sum = 0.0f;

                    for (int32_t ky = 0; ky < p->k_h; ky++) {
                        const int32_t y = y0 + ky * p->dilation_h;
                        for (int32_t kx = 0; kx < p->k_w; kx++) {
                            const int32_t x = x0 + kx * p->dilation_w;
                            if (y >= 0 && y < p->in_h && x >= 0 && x < p->in_w) {
                                const float *const value = group + (y * p->in_w + x) * in_c;
                                const float *const w = filter + (ky * p->k_w + kx) * p->tap_step;
                                for (int32_t c = 0; c < p->filter_c; c++) {
                                    sum += value[c] * w[c];
                                }
                            }
                        }
                    }
                    sum += p->bias != NULL ? p->bias[channel] : 0.0f;
                    *out++ = tk_clampf(sum, p->clamp_min, p->clamp_max);
                }
            }
        }
        in += p->in_h * p->in_w * in_c;
    }
}
