/* CONV_2D, also in groups, and FULLY_CONNECTED, int16 with int8 weights: portable C.
 *
 * Four filters share each load of an input value. Their sums are kept in 32 bits for as many products as surely fit,
 * then added to those of 64 bits.
 */
#include "tk_conv2d_s16.h"

#include "tk_common.h"

/* Products of int16 and int8 that 32 bits hold: 511 * 2^7 * 2^15 < 2^31. */
#define RUN 511

/* Adds the products of `length` neighbouring inputs with the weights of four filters, `step` apart, to sums. */
static TK_NOINLINE void four_filters(const int16_t *x, const int8_t *w, int32_t step, int32_t length, int64_t *sums)
{
    while (length > 0) {
        const int32_t run = length < RUN ? length : RUN;
        const int16_t *const end = x + run;
        const int8_t *w0 = w, *w1 = w + step, *w2 = w + 2 * step, *w3 = w + 3 * step;
        int32_t s0 = 0, s1 = 0, s2 = 0, s3 = 0;

        while (x != end) {
            const int32_t v = *x++;
            s0 += v * *w0++;
            s1 += v * *w1++;
            s2 += v * *w2++;
            s3 += v * *w3++;
        }
        sums[0] += s0;
        sums[1] += s1;
        sums[2] += s2;
        sums[3] += s3;
        w += run;
        length -= run;
    }
}

static void one_filter(const int16_t *x, const int8_t *w, int32_t length, int64_t *sum)
{
    while (length > 0) {
        const int32_t run = length < RUN ? length : RUN;
        int32_t s = 0;

        for (int32_t i = 0; i < run; i++) {
            s += x[i] * w[i];
        }
        *sum += s;
        x += run;
        w += run;
        length -= run;
    }
}

/* Takes the zero point of `count` filters' weights off their sums. */
static void take_zero_point(const int16_t *x, int32_t length, int32_t zero, int32_t count, int64_t *sums)
{
    int64_t sum = 0;

    for (int32_t i = 0; i < length; i++) {
        sum += x[i];
    }
    for (int32_t i = 0; i < count; i++) {
        sums[i] -= zero * sum;
    }
}

void tk_conv2d_s16(const tk_conv2d_s16_params *p, const int16_t *in, const int8_t *weights, int16_t *out)
{
    const int32_t in_c = p->in_c, filter_c = p->filter_c, out_c = p->out_c;
    const int32_t step = p->k_h * p->k_w * filter_c;
    const int together = filter_c == in_c && p->dilation_w == 1; /* a row of taps is one run of inputs */

    for (int32_t batch = 0; batch < p->batches; batch++) {
        for (int32_t out_y = 0; out_y < p->out_h; out_y++) {
            const int32_t y0 = out_y * p->stride_h - p->pad_top;

            for (int32_t out_x = 0; out_x < p->out_w; out_x++) {
                const int32_t x0 = out_x * p->stride_w - p->pad_left;

                for (int32_t channel = 0; channel < out_c;) {
                    const int32_t group = channel / p->group_out;
                    const int32_t four = channel + 4 <= (group + 1) * p->group_out;
                    const int32_t count = four ? 4 : 1;
                    int64_t sums[4] = {0, 0, 0, 0};

                    for (int32_t ky = 0; ky < p->k_h; ky++) {
                        const int32_t y = y0 + ky * p->dilation_h;
                        if (y < 0 || y >= p->in_h) {
                            continue;
                        }
                        for (int32_t kx = 0; kx < p->k_w;) {
                            const int32_t x = x0 + kx * p->dilation_w;
                            int32_t taps = 1;
                            if (x < 0 || x >= p->in_w) {
                                kx++;
                                continue;
                            }
                            if (together) {
                                taps = p->in_w - x < p->k_w - kx ? p->in_w - x : p->k_w - kx;
                            }
                            const int16_t *value = in + (y * p->in_w + x) * in_c + group * filter_c;
                            const int8_t *w = weights + channel * step + (ky * p->k_w + kx) * filter_c;
                            if (four) {
                                four_filters(value, w, step, taps * filter_c, sums);
                            } else {
                                one_filter(value, w, taps * filter_c, sums);
                            }
                            if (p->weights_zero_point != 0) {
                                take_zero_point(value, taps * filter_c, p->weights_zero_point, count, sums);
                            }
                            kx += taps;
                        }
                    }
                    tk_write_s16(&p->output, channel, sums, count, out + channel);
                    channel += count;
                }
                out += out_c;
            }
        }
        in += p->in_h * p->in_w * in_c;
    }
}
