/* CONV_2D, also in groups, and FULLY_CONNECTED, int8 with int4 weights: portable C.
 *
 * Weights stay packed, so that flash holds half of what the faster kernels for int8 weights need.
 */
#include "tk_sums_s4.h"

#include "tk_common.h"

TK_INLINE int32_t low_half(uint8_t pair)
{
    return (pair & 15) - ((pair & 8) << 1);
}

TK_INLINE int32_t high_half(uint8_t pair)
{
    return (pair >> 4) - ((pair & 0x80) >> 3);
}

/* As many inputs times neighbouring weights, the first of which is the one numbered `first`. */
static int32_t products(const tk_sums_s4_params *p, const int8_t *x, int32_t first, int32_t count)
{
    const int32_t zero = p->input_zero_point, weights_zero = p->weights_zero_point;
    const uint8_t *pair = p->weights + first / 2;
    int32_t sum = 0;

    if (first % 2 != 0) {
        sum += (high_half(*pair++) - weights_zero) * (*x++ - zero);
        count--;
    }
    for (; count >= 2; count -= 2) {
        const uint8_t both = *pair++;
        sum += (low_half(both) - weights_zero) * (x[0] - zero);
        sum += (high_half(both) - weights_zero) * (x[1] - zero);
        x += 2;
    }
    if (count > 0) {
        sum += (low_half(*pair) - weights_zero) * (*x - zero);
    }
    return sum;
}

void tk_sums_s4(const tk_sums_s4_params *p, const int8_t *in, int8_t *out)
{
    const int32_t in_c = p->in_c;
    /* a row of taps is one run of inputs and weights */
    const int together = p->filter_c == in_c && p->dilation_w == 1;

    for (int32_t batch = 0; batch < p->batches; batch++) {
        for (int32_t out_y = 0; out_y < p->out_h; out_y++) {
            const int32_t y0 = out_y * p->stride_h - p->pad_top;

            for (int32_t out_x = 0; out_x < p->out_w; out_x++) {
                const int32_t x0 = out_x * p->stride_w - p->pad_left;

                for (int32_t channel = 0; channel < p->out_c; channel++) {
                    const int8_t *const group = in + channel / p->group_out * p->filter_c;
                    int32_t sum = tk_bias(&p->output, channel);

                    for (int32_t ky = 0; ky < p->k_h; ky++) {
                        const int32_t y = y0 + ky * p->dilation_h;
                        if (y < 0 || y >= p->in_h) {
                            continue;
                        }
                        for (int32_t kx = 0; kx < p->k_w;) {
                            const int32_t x = x0 + kx * p->dilation_w;
                            int32_t taps = 1;
                            if (x >= 0 && x < p->in_w) {
                                if (together) {
                                    taps = p->in_w - x < p->k_w - kx ? p->in_w - x : p->k_w - kx;
                                }
                                sum += products(p, group + (y * p->in_w + x) * in_c,
                                                ((channel * p->k_h + ky) * p->k_w + kx) * p->filter_c,
                                                taps * p->filter_c);
                            }
                            kx += taps;
                        }
                    }
                    tk_write_s8(&p->output, channel, &sum, 1, out++);
                }
            }
        }
        in += p->in_h * p->in_w * in_c;
    }
}
