/* DEPTHWISE_CONV_2D, int16 with int8 weights: portable C. */
#include "tk_depthwise_conv2d_s16.h"

#include "tk_common.h"

/* How many outputs are written at a time. */
#define SUMS 8

/* Taps `first` to `end` (exclusive) of a window's axis that lie inside of the input. */
typedef struct {
    int32_t first;
    int32_t end;
} taps;

static taps taps_inside(int32_t start, int32_t k, int32_t dilation, int32_t size)
{
    const int32_t end = start < size ? (size - start + dilation - 1) / dilation : 0;
    const taps inside = {start < 0 ? (dilation - 1 - start) / dilation : 0, end < k ? end : k};

    return inside;
}

void tk_depthwise_conv2d_s16(const tk_depthwise_conv2d_s16_params *p, const int16_t *in, const int8_t *weights,
                             int16_t *out)
{
    const int32_t in_c = p->in_c;
    const int32_t out_c = in_c * p->depth_multiplier;
    const int32_t column = p->dilation_w * in_c;
    const int32_t row_step = p->dilation_h * p->in_w * in_c;

    for (int32_t batch = 0; batch < p->batches; batch++) {
        for (int32_t out_y = 0; out_y < p->out_h; out_y++) {
            const int32_t y0 = out_y * p->stride_h - p->pad_top;
            const taps rows = taps_inside(y0, p->k_h, p->dilation_h, p->in_h);

            for (int32_t out_x = 0; out_x < p->out_w; out_x++) {
                const int32_t x0 = out_x * p->stride_w - p->pad_left;
                const taps columns = taps_inside(x0, p->k_w, p->dilation_w, p->in_w);
                const int32_t corner =
                    ((y0 + rows.first * p->dilation_h) * p->in_w + x0 + columns.first * p->dilation_w) * in_c;
                const int32_t first_tap = (rows.first * p->k_w + columns.first) * out_c;
                int64_t sums[SUMS];
                int32_t channel = 0, waiting = 0;

                for (int32_t c = 0; c < in_c; c++) {
                    for (int32_t m = 0; m < p->depth_multiplier; m++, channel++) {
                        int64_t sum = 0;
                        int32_t row = corner + c, tap_row = first_tap + channel;

                        for (int32_t ky = rows.first; ky < rows.end; ky++) {
                            int32_t at = row, tap = tap_row;

                            for (int32_t n = columns.end - columns.first; n > 0; n--) {
                                sum += in[at] * weights[tap];
                                at += column;
                                tap += out_c;
                            }
                            row += row_step;
                            tap_row += p->k_w * out_c;
                        }
                        sums[waiting++] = sum;
                        if (waiting == SUMS || channel == out_c - 1) {
                            const int32_t first = channel + 1 - waiting;
                            tk_write_s16(&p->output, first, sums, waiting, out + first);
                            waiting = 0;
                        }
                    }
                }
                out += out_c;
            }
        }
        in += p->in_h * p->in_w * in_c;
    }
}
