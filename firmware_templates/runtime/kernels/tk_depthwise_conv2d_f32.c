/* DEPTHWISE_CONV_2D, float32: portable C. */
#include "tk_depthwise_conv2d_f32.h"

#include "tk_common.h"

void tk_depthwise_conv2d_f32(const tk_depthwise_conv2d_f32_params *p, const float *in, float *out)
{
    const int32_t in_c = p->in_c;

    for (int32_t batch = 0; batch < p->batches; batch++) {
        for (int32_t out_y = 0; out_y < p->out_h; out_y++) {
            const int32_t y0 = out_y * p->stride_h - p->pad_top;

            for (int32_t out_x = 0; out_x < p->out_w; out_x++) {
                const int32_t x0 = out_x * p->stride_w - p->pad_left;
                const float *w = p->weights;
                const float *bias = p->bias;

                for (int32_t c = 0; c < in_c; c++) {
                    for (int32_t m = 0; m < p->depth_multiplier; m++) {
                        float sum = 0.0f;

                        for (int32_t ky = 0; ky < p->k_h; ky++) {
                            const int32_t y = y0 + ky * p->dilation_h;
                            for (int32_t kx = 0; kx < p->k_w; kx++) {
                                const int32_t x = x0 + kx * p->dilation_w;
                                const float v = *w++;
                                if (y >= 0 && y < p->in_h && x >= 0 && x < p->in_w) {
                                    sum += v * in[(y * p->in_w + x) * in_c + c];
                                }
                            }
                        }
                        *out++ = tk_clampf(sum + *bias++, p->clamp_min, p->clamp_max);
                    }
                }
            }
        }
        in += p->in_h * p->in_w * p->in_c;
    }
}
