/* DEPTHWISE_CONV_2D with one filter per channel, int8: portable C.
 *
 * Four neighbouring channels of one pixel are kept in registers, so that a step to the next tap serves four sums.
 * A patch that touches the border is first copied into scratch memory, the border filled with the zero point.
 */
#include "tk_depthwise_conv2d_s8.h"

#include "tk_common.h"
#include "tk_output_s8.h"

#include <string.h>

/* Distances in bytes between the taps of a patch. */
typedef struct {
    int32_t row;
    int32_t column;
} tap_step;

static void copy_patch(const tk_depthwise_conv2d_s8_params *p, const int8_t *in, int32_t y0, int32_t x0, int8_t *patch)
{
    const int32_t channels = p->channels;

    for (int32_t ky = 0; ky < p->k_h; ky++) {
        const int32_t y = y0 + ky * p->dilation_h;
        for (int32_t kx = 0; kx < p->k_w; kx++) {
            const int32_t x = x0 + kx * p->dilation_w;
            if (y < 0 || y >= p->in_h || x < 0 || x >= p->in_w) {
                memset(patch, p->input_zero_point, (size_t)channels);
            } else {
                memcpy(patch, in + (y * p->in_w + x) * channels, (size_t)channels);
            }
            patch += channels;
        }
    }
}

/* All channels of one pixel. With k_h and k_w constant at the call the compiler unrolls both loops over taps. */
TK_INLINE void pixel(const tk_depthwise_conv2d_s8_params *p, const int8_t *patch, tap_step step, int32_t k_h,
                     int32_t k_w, int8_t *out)
{
    const int32_t channels = p->channels;
    const int8_t *w = p->weights;
    int32_t channel = 0;

    for (; channel + 4 <= channels; channel += 4) {
        int32_t s0 = tk_bias(&p->output, channel), s1 = tk_bias(&p->output, channel + 1);
        int32_t s2 = tk_bias(&p->output, channel + 2), s3 = tk_bias(&p->output, channel + 3);
        const int8_t *row = patch + channel;

        for (int32_t ky = 0; ky < k_h; ky++) {
            const int8_t *x = row;
            for (int32_t kx = 0; kx < k_w; kx++) {
                s0 += x[0] * w[0];
                s1 += x[1] * w[1];
                s2 += x[2] * w[2];
                s3 += x[3] * w[3];
                x += step.column;
                w += 4;
            }
            row += step.row;
        }
        const int32_t sums[4] = {s0, s1, s2, s3};
        tk_write_s8(&p->output, channel, sums, 4, out + channel);
    }
    for (; channel < channels; channel++) {
        int32_t sum = tk_bias(&p->output, channel);
        const int8_t *row = patch + channel;

        for (int32_t ky = 0; ky < k_h; ky++) {
            const int8_t *x = row;
            for (int32_t kx = 0; kx < k_w; kx++) {
                sum += *x * *w++;
                x += step.column;
            }
            row += step.row;
        }
        const int32_t sums[1] = {sum}; /* an address of sum itself would keep it out of registers */
        tk_write_s8(&p->output, channel, sums, 1, out + channel);
    }
}

void tk_depthwise_conv2d_s8(const tk_depthwise_conv2d_s8_params *p, const int8_t *in, int8_t *out, void *scratch)
{
    const int32_t channels = p->channels;
    const int32_t reach_y = (p->k_h - 1) * p->dilation_h;
    const int32_t reach_x = (p->k_w - 1) * p->dilation_w;
    const tap_step inside = {p->dilation_h * p->in_w * channels, p->dilation_w * channels};
    const tap_step copied = {p->k_w * channels, channels};

    for (int32_t batch = 0; batch < p->batches; batch++) {
        for (int32_t out_y = 0; out_y < p->out_h; out_y++) {
            const int32_t y = out_y * p->stride_h - p->pad_top;
            const int row_inside = y >= 0 && y + reach_y < p->in_h;

            for (int32_t out_x = 0; out_x < p->out_w; out_x++) {
                const int32_t x = out_x * p->stride_w - p->pad_left;
                const int8_t *patch;
                tap_step step;

                if (row_inside && x >= 0 && x + reach_x < p->in_w) {
                    patch = in + (y * p->in_w + x) * channels;
                    step = inside;
                } else {
                    copy_patch(p, in, y, x, scratch);
                    patch = scratch;
                    step = copied;
                }
                if (p->k_h == 3 && p->k_w == 3) {
                    pixel(p, patch, step, 3, 3, out);
                } else {
                    pixel(p, patch, step, p->k_h, p->k_w, out);
                }
                out += channels;
            }
        }
        in += p->in_h * p->in_w * p->channels;
    }
}
