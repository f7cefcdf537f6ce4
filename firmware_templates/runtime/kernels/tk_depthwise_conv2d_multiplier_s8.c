/* DEPTHWISE_CONV_2D with several filters per channel, int8: portable C.
 *
 * Rare in models for microcontrollers (and lowered to CONV_2D where the input has one channel), so small rather than
 * fast: taps outside of the input are skipped by clipping the ranges of both loops.
 */
#include "tk_depthwise_conv2d_multiplier_s8.h"

#include "tk_output_s8.h"

/* First tap at or after the input's start, for a patch that begins at `start` (often negative). */
static int32_t first_tap(int32_t start, int32_t dilation)
{
    return start >= 0 ? 0 : (-start + dilation - 1) / dilation;
}

/* One past the last tap before the input's end. */
static int32_t end_tap(int32_t start, int32_t dilation, int32_t size, int32_t taps)
{
    if (start >= size) {
        return 0;
    }
    const int32_t end = (size - 1 - start) / dilation + 1;
    return end < taps ? end : taps;
}

void tk_depthwise_conv2d_multiplier_s8(const tk_depthwise_conv2d_multiplier_s8_params *p, const int8_t *in,
                                       int8_t *out)
{
    const int32_t taps = p->k_h * p->k_w;

    for (int32_t batch = 0; batch < p->batches; batch++) {
        for (int32_t out_y = 0; out_y < p->out_h; out_y++) {
            const int32_t y0 = out_y * p->stride_h - p->pad_top;
            const int32_t ky_begin = first_tap(y0, p->dilation_h);
            const int32_t ky_end = end_tap(y0, p->dilation_h, p->in_h, p->k_h);

            for (int32_t out_x = 0; out_x < p->out_w; out_x++) {
                const int32_t x0 = out_x * p->stride_w - p->pad_left;
                const int32_t kx_begin = first_tap(x0, p->dilation_w);
                const int32_t kx_end = end_tap(x0, p->dilation_w, p->in_w, p->k_w);
                int32_t channel = 0;

                for (int32_t c = 0; c < p->in_c; c++) {
                    for (int32_t m = 0; m < p->depth_multiplier; m++, channel++) {
                        const int8_t *const filter = p->weights + channel * taps;
                        int32_t sum = tk_bias(&p->output, channel);

                        for (int32_t ky = ky_begin; ky < ky_end; ky++) {
                            const int32_t y = y0 + ky * p->dilation_h;
                            for (int32_t kx = kx_begin; kx < kx_end; kx++) {
                                const int32_t x = x0 + kx * p->dilation_w;
                                const int32_t value = in[(y * p->in_w + x) * p->in_c + c] - p->input_zero_point;
                                sum += value * filter[ky * p->k_w + kx];
                            }
                        }
                        const int32_t sums[1] = {sum}; /* an address of sum would keep it out of registers */
                        tk_write_s8(&p->output, channel, sums, 1, out++);
                    }
                }
            }
        }
        in += p->in_h * p->in_w * p->in_c;
    }
}
