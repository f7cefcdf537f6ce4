/* CONV_2D and FULLY_CONNECTED, float32: portable C.
 *
 * Four output channels share each load of an input value. Rows and columns of taps outside of the input are clipped.
 */
#include "tk_conv2d_f32.h"

#include "tk_common.h"

void tk_conv2d_f32(const tk_conv2d_f32_params *p, const float *in, float *out)
{
    const int32_t in_c = p->in_c;
    const int32_t out_c = p->out_c;

    for (int32_t batch = 0; batch < p->batches; batch++) {
        for (int32_t out_y = 0; out_y < p->out_h; out_y++) {
            const int32_t y0 = out_y * p->stride_h - p->pad_top;

            for (int32_t out_x = 0; out_x < p->out_w; out_x++) {
                const int32_t x0 = out_x * p->stride_w - p->pad_left;
                const float *w = p->weights;

                for (int32_t channel = 0; channel < out_c; channel += 4) {
                    float s0 = 0.0f, s1 = 0.0f, s2 = 0.0f, s3 = 0.0f;

                    for (int32_t ky = 0; ky < p->k_h; ky++) {
                        const int32_t y = y0 + ky * p->dilation_h;
                        for (int32_t kx = 0; kx < p->k_w; kx++) {
                            const int32_t x = x0 + kx * p->dilation_w;
                            if (y < 0 || y >= p->in_h || x < 0 || x >= p->in_w) {
                                w += 4 * in_c;
                                continue;
                            }
                            const float *value = in + (y * p->in_w + x) * in_c;
                            const float *const end = value + in_c;
                            while (value != end) {
                                const float v = *value++;
                                s0 += v * w[0];
                                s1 += v * w[1];
                                s2 += v * w[2];
                                s3 += v * w[3];
                                w += 4;
                            }
                        }
                    }
                    const float sums[4] = {s0, s1, s2, s3};
                    const int32_t count = out_c - channel < 4 ? out_c - channel : 4;
                    for (int32_t i = 0; i < count; i++) {
                        *out++ = tk_clampf(sums[i] + p->bias[channel + i], p->clamp_min, p->clamp_max);
                    }
                }
            }
        }
        in += p->in_h * p->in_w * p->in_c;
    }
}
