/* TRANSPOSE_CONV, int16 with int8 weights: portable C.
 *
 * An output is the sum over the inputs that reach it: those of which a tap of the window lies there. They are gone
 * through in the order of the input, so that no sums have to be kept in memory.
 */
#include "tk_transpose_conv_s16.h"

#include "tk_common.h"
#include "tk_transpose_conv.h"

void tk_transpose_conv_s16(const tk_transpose_conv_s16_params *p, const int16_t *in, const int8_t *weights, int16_t *out)
{
    const int32_t in_c = p->in_c;

    for (int32_t batch = 0; batch < p->batches; batch++) {
        for (int32_t out_y = 0; out_y < p->out_h; out_y++) {
            const tk_reach rows = tk_reaching(out_y + p->pad_top, p->k_h, p->stride_h, p->in_h);

            for (int32_t out_x = 0; out_x < p->out_w; out_x++) {
                const tk_reach columns = tk_reaching(out_x + p->pad_left, p->k_w, p->stride_w, p->in_w);

                for (int32_t channel = 0; channel < p->out_c; channel++) {
                    const int8_t *const filter = weights + channel * p->k_h * p->k_w * in_c;
                    int64_t sum = 0;

                    for (int32_t y = rows.first; y < rows.end; y++) {
                        const int32_t ky = rows.tap - (y - rows.first) * p->stride_h;
                        for (int32_t x = columns.first; x < columns.end; x++) {
                            const int32_t kx = columns.tap - (x - columns.first) * p->stride_w;
                            const int16_t *const value = in + (y * p->in_w + x) * in_c;
                            const int8_t *const w = filter + (ky * p->k_w + kx) * in_c;
                            for (int32_t c = 0; c < in_c; c++) {
                                sum += value[c] * w[c];
                            }
                        }
                    }
                    tk_write_s16(&p->output, channel, &sum, 1, out++);
                }
            }
        }
        in += p->in_h * p->in_w * in_c;
    }
}
