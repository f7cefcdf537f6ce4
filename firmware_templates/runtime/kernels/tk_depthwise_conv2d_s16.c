/* DEPTHWISE_CONV_2D, int16 with int8 weights: portable C. */
#include "tk_depthwise_conv2d_s16.h"

#include "tk_common.h"

void tk_depthwise_conv2d_s16(const tk_depthwise_conv2d_s16_params *p, const int16_t *in, const int8_t *weights,
                             int16_t *out)
{
    const int32_t in_c = p->in_c;
    const int32_t out_c = in_c * p->depth_multiplier;

    for (int32_t batch = 0; batch < p->batches; batch++) {
        for (int32_t out_y = 0; out_y < p->out_h; out_y++) {
            const int32_t y0 = out_y * p->stride_h - p->pad_top;

            for (int32_t out_x = 0; out_x < p->out_w; out_x++) {
                const int32_t x0 = out_x * p->stride_w - p->pad_left;
                int32_t channel = 0;

                for (int32_t c = 0; c < in_c; c++) {
                    for (int32_t m = 0; m < p->depth_multiplier; m++, channel++) {
                        int64_t sum = 0;

                        for (int32_t ky = 0; ky < p->k_h; ky++) {
                            const int32_t y = y0 + ky * p->dilation_h;
                            const int8_t *const w = weights + ky * p->k_w * out_c + channel;
                            if (y < 0 || y >= p->in_h) {
                                continue;
                            }
                            for (int32_t kx = 0; kx < p->k_w; kx++) {
                                const int32_t x = x0 + kx * p->dilation_w;
                                if (x >= 0 && x < p->in_w) {
                                    sum += in[(y * p->in_w + x) * in_c + c] * w[kx * out_c];
                                }
                            }
                        }
                        tk_write_s16(&p->output, channel, &sum, 1, out + channel);
                    }
                }
                out += out_c;
            }
        }
        in += p->in_h * p->in_w * in_c;
    }
}
