/* TRANSPOSE_CONV, int16 with int8 weights: portable C.
 *
 * An output is the sum over the inputs that reach it: those of which a tap of the window lies there. They are gone
 * through in the order of the input, so that no sums have to be kept in memory. Four output channels share each load
 * of an input value.
 */
#include "tk_transpose_conv_s16.h"

#include "tk_common.h"
#include "tk_transpose_conv.h"

/* Adds the products of an input pixel with the weights of four filters, `step` apart, to sums. */
static TK_NOINLINE void four_filters(const int16_t *x, const int8_t *w, int32_t step, int32_t in_c, int64_t *sums)
{
    const int8_t *const w1 = w + step, *const w2 = w1 + step, *const w3 = w2 + step;
    int64_t s0 = sums[0], s1 = sums[1], s2 = sums[2], s3 = sums[3];

    for (int32_t c = 0; c < in_c; c++) {
        const int32_t v = x[c];
        s0 += v * w[c];
        s1 += v * w1[c];
        s2 += v * w2[c];
        s3 += v * w3[c];
    }
    sums[0] = s0;
    sums[1] = s1;
    sums[2] = s2;
    sums[3] = s3;
}

void tk_transpose_conv_s16(const tk_transpose_conv_s16_params *p, const int16_t *in, const int8_t *weights, int16_t *out)
{
    const int32_t in_c = p->in_c;
    const int32_t step = p->k_h * p->k_w * in_c;

    for (int32_t batch = 0; batch < p->batches; batch++) {
        for (int32_t out_y = 0; out_y < p->out_h; out_y++) {
            const tk_reach rows = tk_reaching(out_y + p->pad_top, p->k_h, p->stride_h, p->in_h);

            for (int32_t out_x = 0; out_x < p->out_w; out_x++) {
                const tk_reach columns = tk_reaching(out_x + p->pad_left, p->k_w, p->stride_w, p->in_w);

                for (int32_t channel = 0; channel < p->out_c;) {
                    const int32_t count = channel + 4 <= p->out_c ? 4 : 1;
                    const int8_t *const filter = weights + channel * step;
                    int64_t sums[4] = {0, 0, 0, 0};

                    for (int32_t y = rows.first; y < rows.end; y++) {
                        const int32_t ky = rows.tap - (y - rows.first) * p->stride_h;
                        for (int32_t x = columns.first; x < columns.end; x++) {
                            const int32_t kx = columns.tap - (x - columns.first) * p->stride_w;
                            const int16_t *const value = in + (y * p->in_w + x) * in_c;
                            const int8_t *const w = filter + (ky * p->k_w + kx) * in_c;

                            if (count == 4) {
                                four_filters(value, w, step, in_c, sums);
                                continue;
                            }
                            for (int32_t c = 0; c < in_c; c++) {
                                sums[0] += value[c] * w[c];
                            }
                        }
                    }
                    tk_write_s16(&p->output, channel, sums, count, out);
                    out += count;
                    channel += count;
                }
            }
        }
        in += p->in_h * p->in_w * in_c;
    }
}
